/** Answers queries from the ledger: whole histories, ranges, sets and points in time. */
import { create } from '@bufbuild/protobuf'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import type { Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Ledger, StoredEvent, StreamKey, StreamRange } from '../ledger/ledger.ts'
import { streamText } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import {
  type EventBook,
  EventBookSchema,
  type EventPage,
  EventPageSchema,
  type Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { nanosecondsFromTimestamp } from '../wire/timestamp.ts'
import { coverOf, streamOf } from './cover-of.ts'
import { checkCorrelationId, checkDomain } from './plan-names.ts'

const pages = messageCodec(EventPageSchema)

/**
 * The one book a query selects. A correlation id wins over domain and root; an aggregate nobody
 * knows gives an empty book.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, `ROOT_INVALID`, `DOMAIN_INVALID`, `QUERY_INVALID`
 */
export async function eventBook(ledger: Ledger, query: Query): Promise<EventBook> {
  for await (const book of eventBooks(ledger, query)) return book
  return create(EventBookSchema, query.cover === undefined ? {} : { cover: query.cover })
}

/** Every book a query selects: one, or one per aggregate for a correlation id. */
export async function* eventBooks(ledger: Ledger, query: Query): AsyncGenerator<EventBook> {
  const correlationId = query.cover?.correlationId ?? ''
  if (correlationId !== '') {
    checkCorrelationId(correlationId)
    yield* booksOfCorrelation(ledger, correlationId)
    return
  }
  if (query.cover === undefined || query.cover.root === undefined) {
    throw codedError('REQUEST_INCOMPLETE', {
      details: { cause: 'Query must have a cover with domain/root or correlation_id' },
    })
  }
  checkDomain(query.cover.domain)
  yield await bookOfStream(ledger, streamOf(query.cover), query)
}

async function bookOfStream(ledger: Ledger, key: StreamKey, query: Query): Promise<EventBook> {
  const wanted = selectionOf(query)
  const found: StoredEvent[] = []
  if (wanted !== undefined) {
    for await (const chunk of ledger.stream(key, wanted.range)) {
      for (const event of chunk)
        if (isVisible(event) && wanted.has(event.sequence)) found.push(event)
    }
  }
  return bookOf(key, found, await ledger.head(key))
}

type Selection = { readonly range: StreamRange; readonly has: (sequence: number) => boolean }

const every = (): boolean => true

function selectionOf({ selection }: Query): Selection | undefined {
  switch (selection.case) {
    case undefined:
      return { range: { from: 0 }, has: every }
    case 'range': {
      const { lower, upper } = selection.value
      if (upper !== undefined && upper < lower) {
        throw invalid('the range ends before it begins')
      }
      return { range: { from: lower, to: upper }, has: every }
    }
    case 'sequences': {
      const values = new Set(selection.value.values)
      if (values.size === 0) return undefined
      if (values.size > limits.queryResultsMax) {
        throw invalid(`more than ${limits.queryResultsMax} sequences`)
      }
      const range = { from: Math.min(...values), to: Math.max(...values) }
      return { range, has: (sequence) => values.has(sequence) }
    }
    case 'temporal': {
      const point = selection.value.pointInTime
      if (point.case === 'asOfSequence') return { range: { from: 0, to: point.value }, has: every }
      if (point.case === 'asOfTime') {
        return { range: { from: 0, upTo: timeOf(point.value) }, has: every }
      }
      throw invalid('TemporalQuery must specify as_of_time or as_of_sequence')
    }
  }
}

/** The years 1 to 9999, as the contract has them. */
const SECONDS_MIN = -62_135_596_800n
const SECONDS_MAX = 253_402_300_799n
const NANOS_MAX = 999_999_999

function timeOf(timestamp: Timestamp): Nanoseconds {
  const { seconds, nanos } = timestamp
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX || nanos < 0 || nanos > NANOS_MAX) {
    throw codedError('INVALID_TIMESTAMP', { details: { seconds, nanos } })
  }
  return nanosecondsFromTimestamp(timestamp)
}

function invalid(cause: string): Error {
  return codedError('QUERY_INVALID', { details: { cause } })
}

async function* booksOfCorrelation(ledger: Ledger, id: string): AsyncGenerator<EventBook> {
  const streams = new Map<string, StoredEvent[]>()
  for await (const chunk of ledger.byCorrelation(id)) {
    for (const event of chunk) {
      if (!isVisible(event)) continue
      const text = streamText(event.key)
      const events = streams.get(text)
      if (events === undefined) streams.set(text, [event])
      else events.push(event)
    }
  }
  for (const events of streams.values()) {
    const [first] = events
    if (first !== undefined) yield bookOf(first.key, events, (events.at(-1)?.sequence ?? 0) + 1)
  }
}

function isVisible({ visibility }: StoredEvent): boolean {
  return visibility.kind !== 'pending'
}

function bookOf(key: StreamKey, events: readonly StoredEvent[], nextSequence: number): EventBook {
  const correlationId = events.at(-1)?.correlationId ?? ''
  return create(EventBookSchema, {
    cover: coverOf(key, correlationId),
    pages: events.map(({ page }): EventPage => pages.decode(page)),
    nextSequence,
  })
}
