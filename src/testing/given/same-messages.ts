/** Expectations about lists of messages: events, and addressed commands and facts. */
import { isMessage, type Message } from '@bufbuild/protobuf'
import {
  type CommandBook,
  CommandBookSchema,
  type Cover,
  type EventBook,
  EventBookSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { externalIdOf } from '../../component/contextual-command.ts'
import { sequenceOf } from '../../wire/header.ts'
import { type Place, plainMessage, plainPacked, requireSame } from './compare.ts'

/**
 * What a command or fact is expected to be: made by `command` or `fact` with its address, or the
 * bare message when the address does not matter.
 */
export type ExpectedOutgoing = CommandBook | EventBook | Message

/** Requires these events, in this order, and no others. */
export function requireEvents(
  actual: readonly Message[],
  expected: readonly Message[],
  what: string,
  place: Place,
): void {
  requireSame(actual.map(plainMessage), expected.map(plainMessage), what, place)
}

/** Requires these commands or facts, in this order, and no others. */
export function requireOutgoing(
  actual: readonly (CommandBook | EventBook)[],
  expected: readonly ExpectedOutgoing[],
  what: string,
  place: Place,
): void {
  const wanted = expected.map((book) => plainExpected(book))
  const found = actual.map((book, at) => plainLike(book, expected[at]))
  requireSame(found, wanted, what, place)
}

function plainExpected(expected: ExpectedOutgoing): unknown {
  return isBook(expected) ? addressed(expected, expected) : { message: plainMessage(expected) }
}

/** As much of a book as the expectation says; all of it when nothing was expected. */
function plainLike(book: CommandBook | EventBook, expected: ExpectedOutgoing | undefined): unknown {
  if (expected === undefined || isBook(expected)) return addressed(book, expected ?? book)
  const [message, ...more] = messagesIn(book)
  return more.length === 0 ? { message } : { message, more }
}

/** A sequence or external id is compared when the expectation has one: routers may stamp them. */
function addressed(book: CommandBook | EventBook, like: CommandBook | EventBook): unknown {
  return {
    ...addressOf(book.cover),
    messages: messagesIn(book),
    ...(sequenceIn(like) === undefined ? {} : { sequence: sequenceIn(book) }),
    ...(externalIdIn(like) === undefined ? {} : { externalId: externalIdIn(book) }),
  }
}

function addressOf(cover: Cover | undefined): object {
  const root = Buffer.from(cover?.root?.value ?? []).toString('hex')
  return { domain: cover?.domain ?? '', root }
}

function messagesIn(book: CommandBook | EventBook): readonly unknown[] {
  const pages: CommandBook['pages'] | EventBook['pages'] = book.pages
  return pages.map(({ payload }) =>
    payload.case === 'command' || payload.case === 'event' ? plainPacked(payload.value) : undefined,
  )
}

function sequenceIn({ pages: [page] }: CommandBook | EventBook): number | undefined {
  return sequenceOf(page?.header)
}

function externalIdIn({ pages: [page] }: CommandBook | EventBook): string | undefined {
  return externalIdOf(page?.header)
}

function isBook(message: Message): message is CommandBook | EventBook {
  return isMessage(message, CommandBookSchema) || isMessage(message, EventBookSchema)
}
