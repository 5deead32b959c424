/** Answers queries from the ledger: whole histories, ranges, sets and points in time. */
import { create } from '@bufbuild/protobuf'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import type { Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Sequence } from '../identity.ts'
import type {
  Ledger,
  StoredEvent,
  StoredSnapshot,
  StreamKey,
  StreamRange,
} from '../ledger/ledger.ts'
import { streamText } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import {
  type Cover,
  type EventBook,
  EventBookSchema,
  type EventPage,
  type Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { nanosecondsFromTimestamp } from '../wire/timestamp.ts'
import { divergenceFor } from '../wire/cover.ts'
import { branchOf } from './branches.ts'
import { coverOf, streamOf } from './cover-of.ts'
import { checkCorrelationId, checkDomain } from './plan-names.ts'
import { needsView, type PendingReader, type ViewedEvent } from './plan-pending.ts'
import { noOpPage, pagesOfStored, snapshotOf } from './stored-page.ts'
import { type HistoryPoint, rangeIn, snapshotAt, timelineParts } from './timeline.ts'
import type { Upcast } from './upcast-event.ts'
import { viewedEvents } from './viewed-events.ts'

/** What reading needs. */
export type QueryOptions = {
  readonly ledger: Ledger
  readonly upcast: Upcast
  /** The cascade that reads: it sees what it has pending. Default: nobody in particular. */
  readonly reader?: string | undefined
}

/**
 * The one book a query selects. A correlation id wins over domain and root; an aggregate nobody
 * knows gives an empty book. A point in time may begin with a snapshot; its pages follow it then.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, `ROOT_INVALID`, `DOMAIN_INVALID`, `EDITION_INVALID`,
 * `QUERY_INVALID`, `UPCASTER_FAILED`
 */
export async function eventBook(options: QueryOptions, query: Query): Promise<EventBook> {
  for await (const book of eventBooks(options, query)) return book
  return create(EventBookSchema, query.cover === undefined ? {} : { cover: query.cover })
}

/** Every book a query selects: one, or one per aggregate for a correlation id. */
export async function* eventBooks(options: QueryOptions, query: Query): AsyncGenerator<EventBook> {
  const correlationId = query.cover?.correlationId ?? ''
  if (correlationId !== '') {
    checkCorrelationId(correlationId)
    yield* booksOfCorrelation(options, correlationId)
    return
  }
  if (query.cover === undefined || query.cover.root === undefined) {
    throw codedError('REQUEST_INCOMPLETE', {
      details: { cause: 'Query must have a cover with domain/root or correlation_id' },
    })
  }
  checkDomain(query.cover.domain)
  yield await bookOfStream(options, query.cover, query)
}

async function bookOfStream(options: QueryOptions, cover: Cover, query: Query): Promise<EventBook> {
  const { ledger } = options
  const key = streamOf(cover)
  const wanted = selectionOf(query)
  const branch = await branchOf(ledger, key, divergenceFor(cover.edition, key.domain))
  const parts = timelineParts(key, branch)
  const head = branch === undefined ? await ledger.head(key) : Math.max(branch.head, branch.at)
  if (wanted === undefined) return await bookOf(options, key, { events: [], next: head })
  const snapshot =
    wanted.point === undefined ? undefined : await snapshotAt(ledger, parts, wanted.point)
  const from = snapshot === undefined ? wanted.range.from : snapshot.sequence + 1
  // What resolves a pending page stands behind it; a point in time knows nothing of what came later.
  const to = wanted.point === undefined ? undefined : wanted.range.to
  const events: ViewedEvent[] = []
  for (const part of parts) {
    const range = rangeIn(part, { from, to, upTo: wanted.range.upTo })
    if (range === undefined) continue
    for await (const event of viewedPages(options, part.key, range, wanted.range.to)) {
      if (wanted.has(event.event.sequence)) events.push(event)
    }
  }
  return await bookOf(options, key, { events, next: head, snapshot })
}

type Selection = {
  readonly range: StreamRange
  readonly has: (sequence: number) => boolean
  /** Set for a point in time. */
  readonly point?: HistoryPoint | undefined
}

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
      if (point.case === 'asOfSequence') {
        return { range: { from: 0, to: point.value }, has: every, point: { last: point.value } }
      }
      if (point.case === 'asOfTime') {
        const upTo = timeOf(point.value)
        return { range: { from: 0, upTo }, has: every, point: { upTo } }
      }
      throw invalid('TemporalQuery must specify as_of_time or as_of_sequence')
    }
  }
}

/** The years 1 to 9999, as the contract has them. */
const SECONDS_MIN = -62_135_596_800n
const SECONDS_MAX = 253_402_300_799n
const NANOS_MAX = 999_999_999

/** @throws CodedError `INVALID_TIMESTAMP` */
export function timeOf(timestamp: Timestamp): Nanoseconds {
  const { seconds, nanos } = timestamp
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX || nanos < 0 || nanos > NANOS_MAX) {
    throw codedError('INVALID_TIMESTAMP', { details: { seconds, nanos } })
  }
  return nanosecondsFromTimestamp(timestamp)
}

function invalid(cause: string): Error {
  return codedError('QUERY_INVALID', { details: { cause } })
}

/** Of one reading: up to `to`, but with what lies behind when a page of it is not decided yet. */
async function* viewedPages(
  { ledger, reader }: { readonly ledger: Ledger; readonly reader?: PendingReader },
  key: StreamKey,
  range: StreamRange,
  to: Sequence | undefined,
): AsyncGenerator<ViewedEvent> {
  const wanted = to === undefined ? range : { ...range, to: Math.min(to, range.to ?? Infinity) }
  const known: ViewedEvent[] = []
  let undecided = false
  for await (const { events, hidden } of viewedEvents(ledger, key, wanted, reader)) {
    for (const [index, event] of events.entries()) {
      const why = hidden?.[index]
      undecided ||= event.visibility.kind === 'pending'
      if (undecided) known.push({ event, hidden: why })
      else yield { event, hidden: why }
    }
  }
  if (!undecided || wanted.to === undefined || wanted.to === range.to) {
    yield* known
    return
  }
  const from = known[0]?.event.sequence ?? range.from
  for await (const { events, hidden } of viewedEvents(ledger, key, { ...range, from }, reader)) {
    for (const [index, event] of events.entries()) {
      if (event.sequence <= wanted.to) yield { event, hidden: hidden?.[index] }
    }
  }
}

async function* booksOfCorrelation(options: QueryOptions, id: string): AsyncGenerator<EventBook> {
  const streams = new Map<string, StoredEvent[]>()
  for await (const chunk of options.ledger.byCorrelation(id)) {
    for (const event of chunk) {
      const text = streamText(event.key)
      const events = streams.get(text)
      if (events === undefined) streams.set(text, [event])
      else events.push(event)
    }
  }
  for (const events of streams.values()) {
    const [first] = events
    if (first === undefined) continue
    const viewed = await viewedTogether(options, first.key, events)
    const next = (events.at(-1)?.sequence ?? 0) + 1
    yield await bookOf(options, first.key, { events: viewed, next })
  }
}

/** Events of one stream; what resolves them may belong to another workflow. */
async function viewedTogether(
  { ledger, reader }: QueryOptions,
  key: StreamKey,
  events: readonly StoredEvent[],
): Promise<readonly ViewedEvent[]> {
  const from = events.find(needsView)?.sequence
  if (from === undefined) return events.map((event) => ({ event, hidden: undefined }))
  const wanted = new Set(events.map(({ sequence }) => sequence))
  const found: ViewedEvent[] = events
    .filter(({ sequence }) => sequence < from)
    .map((event) => ({ event, hidden: undefined }))
  for await (const chunk of viewedEvents(ledger, key, { from }, reader)) {
    for (const [index, event] of chunk.events.entries()) {
      if (wanted.has(event.sequence)) found.push({ event, hidden: chunk.hidden?.[index] })
    }
  }
  return found
}

async function bookOf(
  { upcast }: QueryOptions,
  key: StreamKey,
  content: {
    readonly events: readonly ViewedEvent[]
    readonly next: Sequence
    readonly snapshot?: StoredSnapshot | undefined
  },
): Promise<EventBook> {
  const { events, next, snapshot } = content
  const correlationId = events.at(-1)?.event.correlationId ?? ''
  const seen = events.filter(({ hidden }) => hidden === undefined).map(({ event }) => event)
  const inOrder = (await pagesOfStored(upcast, seen)).values()
  const pages: EventPage[] = []
  for (const { event, hidden } of events) {
    const page = hidden === undefined ? inOrder.next().value : noOpPage(event, hidden)
    if (page !== undefined) pages.push(page)
  }
  return create(EventBookSchema, {
    cover: coverOf(key, correlationId),
    pages,
    nextSequence: next,
    ...(snapshot === undefined ? {} : { snapshot: snapshotOf(snapshot) }),
  })
}
