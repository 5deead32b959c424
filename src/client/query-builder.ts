/** Builds one query, and reads what it selects: as a book, as books, as pages, or as messages. */
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { Root, Sequence } from '../identity.ts'
import { rootFor } from '../identity/compute-root.ts'
import {
  type Edition,
  type EventBook,
  type EventPage,
  type Query,
  QuerySchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { implicitEdition, newCover } from '../wire/cover.ts'
import { parseTimestamp } from '../wire/timestamp.ts'
import { checkSequence, invalidField } from './invalid-field.ts'
import type { ListOptions, QueryCalls } from './query-calls.ts'
import type { CallOptions } from './transport.ts'
import { typedEventsIn, type TypedEvent } from './typed-event.ts'

type Selection = NonNullable<MessageInitShape<typeof QuerySchema>['selection']>

/**
 * Builds and runs one query (Angzarr client: `QueryBuilder`). Mutable; every method that chooses
 * returns the builder. Of `range`, `rangeTo`, `asOfSequence` and `asOfTime` the last one called
 * holds; without any of them the whole history is read.
 */
export class QueryBuilder {
  readonly #target: QueryCalls
  readonly #domain: string
  readonly #root: Root | undefined
  #correlationId: string | undefined
  #edition: Edition | undefined
  #selection: Selection | undefined
  #options: CallOptions = {}

  /** @param rootOrKey a UUID, or a business key of the domain; default: no root */
  constructor(target: QueryCalls, domain: string, rootOrKey?: string) {
    this.#target = target
    this.#domain = domain
    this.#root = rootOrKey === undefined ? undefined : rootFor(domain, rootOrKey)
  }

  /** Selects by workflow, in every domain, instead of by root. */
  byCorrelationId(correlationId: string): this {
    this.#correlationId = correlationId
    return this
  }

  /** The timeline, by name or with its branch points. Default, and for '': the main timeline. */
  edition(edition: string | Edition): this {
    this.#edition = typeof edition === 'string' ? implicitEdition(edition) : edition
    return this
  }

  /** The same as {@link edition}. */
  withEdition(edition: string | Edition): this {
    return this.edition(edition)
  }

  /** From a sequence on. @throws InvalidArgumentError `INVALID_ARGUMENT` */
  range(lower: Sequence): this {
    checkSequence('lower', lower)
    return this.#select({ case: 'range', value: { lower } })
  }

  /** From one sequence to another, both inclusive. @throws InvalidArgumentError `INVALID_ARGUMENT` */
  rangeTo(lower: Sequence, upper: Sequence): this {
    checkSequence('lower', lower)
    checkSequence('upper', upper)
    return this.#select({ case: 'range', value: { lower, upper } })
  }

  /** Up to a sequence, inclusive. @throws InvalidArgumentError `INVALID_ARGUMENT` */
  asOfSequence(sequence: Sequence): this {
    checkSequence('sequence', sequence)
    const pointInTime = { case: 'asOfSequence', value: sequence } as const
    return this.#select({ case: 'temporal', value: { pointInTime } })
  }

  /**
   * Up to a time, inclusive.
   *
   * @param time RFC 3339 text with a zone, e.g. `2024-01-15T10:30:00Z`, or a date
   * @throws InvalidTimestampError `TIMESTAMP_PARSE_FAILED`, at this call
   */
  asOfTime(time: string | Date): this {
    const value = typeof time === 'string' ? parseTimestamp(time) : dateTimestamp(time)
    const pointInTime = { case: 'asOfTime', value } as const
    return this.#select({ case: 'temporal', value: { pointInTime } })
  }

  /** Signal and deadline of every read that is not given its own. */
  withCallOptions(options: CallOptions): this {
    this.#options = options
    return this
  }

  /** The query as a message. */
  build(): Query {
    return create(QuerySchema, {
      cover: newCover({
        domain: this.#domain,
        root: this.#selectedRoot(),
        correlationId: this.#correlationId,
        edition: this.#edition?.name === '' ? undefined : this.#edition,
      }),
      ...(this.#selection === undefined ? {} : { selection: this.#selection }),
    })
  }

  /** The one book the query selects; an empty one when there are no events. */
  async getEventBook(options: CallOptions = this.#options): Promise<EventBook> {
    return await this.#target.getEventBook(this.build(), options)
  }

  /** Every book the query selects, as a list. @throws ConnectionError `STREAM_LIMIT_EXCEEDED` */
  async getEvents(options: ListOptions = this.#options): Promise<readonly EventBook[]> {
    return await this.#target.getEvents(this.build(), options)
  }

  /** The pages of the one book. */
  async getPages(options: CallOptions = this.#options): Promise<readonly EventPage[]> {
    return (await this.getEventBook(options)).pages
  }

  /** Every book the query selects, one by one; breaking out ends the query. */
  streamBooks(options: CallOptions = this.#options): AsyncIterable<EventBook> {
    return this.#target.streamEvents(this.build(), options)
  }

  /**
   * The selected events, oldest first: those of the named types, decoded, as a union to switch over
   * on `message.$typeName`. Events of other types are left out. Without a root the events of every
   * selected book follow each other.
   *
   * @throws InvalidArgumentError `ANY_DECODE_FAILED` when an event of a named type cannot be decoded
   * @throws ConnectionError `STREAM_LIMIT_EXCEEDED` for too many books without a root
   */
  async events<const S extends readonly DescMessage[]>(
    ...schemas: S
  ): Promise<readonly TypedEvent<S[number]>[]> {
    if (this.#selectedRoot() !== undefined) return typedEventsIn(await this.getPages(), schemas)
    const events: TypedEvent<S[number]>[] = []
    for (const book of await this.getEvents()) {
      for (const event of typedEventsIn(book.pages, schemas)) events.push(event)
    }
    return events
  }

  /** As {@link events}, one by one as their books arrive; breaking out ends the query. */
  async *streamEvents<const S extends readonly DescMessage[]>(
    ...schemas: S
  ): AsyncGenerator<TypedEvent<S[number]>, void, undefined> {
    for await (const book of this.streamBooks()) yield* typedEventsIn(book.pages, schemas)
  }

  #selectedRoot(): Root | undefined {
    return this.#correlationId === undefined ? this.#root : undefined
  }

  #select(selection: Selection): this {
    this.#selection = selection
    return this
  }
}

function dateTimestamp(date: Date): ReturnType<typeof timestampFromDate> {
  if (!Number.isNaN(date.getTime())) return timestampFromDate(date)
  throw invalidField({ field: 'time', input: date, hint: 'a date that is a point in time' })
}
