/** The books that a scenario is made of, as a coordinator would send them. */
import {
  type DescMessage,
  fromBinary,
  type Message,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { type Clock, systemClock } from '../../clock.ts'
import { packMessage } from '../../component/pack-events.ts'
import type { Sequence } from '../../identity.ts'
import type { Cover, EventBook } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { inlineEvent } from '../../wire/event.ts'
import { makeCover, makeEventBook, makeEventPage } from '../book-builders.ts'
import { unpacked } from './compare.ts'

/** Where a scenario takes place. */
export type ScenarioOptions = {
  /** Root of the aggregate, or its business key. Default `given`. */
  readonly key?: string | Uint8Array | undefined
  /** Default `given`. */
  readonly correlationId?: string | undefined
  /** What handlers are told is the time. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** The options, filled in. */
export type Scene = {
  readonly key: string | Uint8Array
  readonly correlationId: string
  readonly clock: Clock
}

/** Fills in the options. */
export function sceneOf(options: ScenarioOptions): Scene {
  return {
    key: options.key ?? 'given',
    correlationId: options.correlationId ?? 'given',
    clock: options.clock ?? systemClock(),
  }
}

/** The cover of the scenario in a domain. */
export function coverIn(domain: string, { key, correlationId }: Scene): Cover {
  return makeCover(domain, key, correlationId)
}

/** A book of stored events, numbered from `first`. */
export function storedBook(
  cover: Cover,
  events: readonly Message[],
  { clock }: Scene,
  first: Sequence = 0,
): EventBook {
  const pages = events.map((event, at) => makeEventPage(first + at, packMessage(event), clock))
  return makeEventBook(cover, pages, first + events.length)
}

/** A message as it arrives on the other side of a wire. */
export function sent<S extends DescMessage>(schema: S, message: MessageShape<S>): MessageShape<S> {
  return fromBinary(schema, toBinary(schema, message))
}

/** The events of books, decoded, in order. */
export function eventsIn(books: readonly (EventBook | undefined)[]): readonly Message[] {
  return books.flatMap((book) =>
    (book?.pages ?? []).flatMap((page) => {
      const event = inlineEvent(page)
      return event === undefined ? [] : [unpacked(event)]
    }),
  )
}
