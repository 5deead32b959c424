/** Books and their pages: how they are made, and which sequence comes next. */
import { create } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import type { Nanoseconds } from '../clock.ts'
import type { Sequence } from '../identity.ts'
import {
  type CommandBook,
  CommandBookSchema,
  type CommandPage,
  CommandPageSchema,
  type Cover,
  type EventBook,
  EventBookSchema,
  type EventPage,
  EventPageSchema,
  type MergeStrategy,
  type Snapshot,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { sequenceHeader, sequenceOf } from './header.ts'
import { type MessageOr, messageIn } from './message-or.ts'
import { timestampFromNanoseconds } from './timestamp.ts'
import { protoUuidToHex } from './uuid.ts'

/**
 * The sequence that the next event of a book's stream gets: behind the last page that has one,
 * never before what the snapshot covers; 0 for an empty book. What the book itself says in
 * `nextSequence` does not count: the one who loads it computes it.
 */
export function nextSequenceOf(book: Pick<EventBook, 'pages' | 'snapshot'>): Sequence {
  const behindSnapshot = book.snapshot === undefined ? 0 : book.snapshot.sequence + 1
  const last = book.pages.findLast((page) => sequenceOf(page.header) !== undefined)
  const behindPages = (sequenceOf(last?.header) ?? -1) + 1
  return Math.max(behindSnapshot, behindPages)
}

/** What an event book says. */
export type EventBookParts = {
  readonly cover?: Cover | undefined
  readonly snapshot?: Snapshot | undefined
  readonly pages?: readonly EventPage[] | undefined
  /** Default: computed from the pages and the snapshot. */
  readonly nextSequence?: Sequence | undefined
}

/** Makes an event book. */
export function newEventBook(parts: EventBookParts): EventBook {
  const book = create(EventBookSchema, { pages: [...(parts.pages ?? [])] })
  if (parts.cover !== undefined) book.cover = parts.cover
  if (parts.snapshot !== undefined) book.snapshot = parts.snapshot
  book.nextSequence = parts.nextSequence ?? nextSequenceOf(book)
  return book
}

/** Makes the page of a stored event. Without `createdAt` it does not say when that happened. */
export function newEventPage(sequence: Sequence, event: Any, createdAt?: Nanoseconds): EventPage {
  const page = create(EventPageSchema, {
    header: sequenceHeader(sequence),
    payload: { case: 'event', value: event },
  })
  if (createdAt !== undefined) page.createdAt = timestampFromNanoseconds(createdAt)
  return page
}

/**
 * Makes the page of a command (Angzarr client: `new_command_page`).
 *
 * @param sequence the one the command expects to get
 * @param mergeStrategy default: `MERGE_COMMUTATIVE`
 */
export function newCommandPage(
  sequence: Sequence,
  command: Any,
  mergeStrategy?: MergeStrategy,
): CommandPage {
  const page = create(CommandPageSchema, {
    header: sequenceHeader(sequence),
    payload: { case: 'command', value: command },
  })
  if (mergeStrategy !== undefined) page.mergeStrategy = mergeStrategy
  return page
}

/** Makes a command book (Angzarr client: `new_command_book`). */
export function newCommandBook(
  cover: MessageOr<Cover>,
  pages: readonly MessageOr<CommandPage>[],
): CommandBook {
  return create(CommandBookSchema, {
    cover: messageIn(cover),
    pages: pages.map((page) => messageIn(page)),
  })
}

/**
 * Books by their root in lower-case hexadecimal without dashes (Angzarr client:
 * `destination_map`). Books without a cover or a root are left out; of two books for one root the
 * later holds.
 */
export function destinationMap(
  destinations: readonly MessageOr<EventBook>[],
): ReadonlyMap<string, EventBook> {
  const byRoot = new Map<string, EventBook>()
  for (const destination of destinations) {
    const book = messageIn(destination)
    const root = book.cover?.root
    if (root !== undefined) byRoot.set(protoUuidToHex(root), book)
  }
  return byRoot
}
