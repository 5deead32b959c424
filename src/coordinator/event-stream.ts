/**
 * Live streams of events: what is stored from now on, or behind a position, in the order of the log.
 * The reader sets the pace: events wait in the ledger, never in a buffer, so that a slow reader
 * misses nothing.
 */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import type { Position } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import {
  type EventBook,
  EventBookSchema,
  type EventStreamFilter,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { coverOf } from './cover-of.ts'
import type { StreamedEvent, SubscribeOptions } from './coordinator-services.ts'
import { checkCorrelationId } from './plan-names.ts'
import { isFrameworkEvent, resolutionsIn } from './plan-pending.ts'
import type { RecentLog } from './recent-log.ts'
import type { QueryOptions } from './run-query.ts'
import { pageOfStored } from './stored-page.ts'

/** What following needs. */
export type StreamOptions = QueryOptions & {
  readonly recent: RecentLog
  /** Ends every stream. */
  readonly closed: AbortSignal
}

/**
 * The events of one workflow, by its correlation id. Isolated events are left out. An abort ends the
 * stream, and so does the end of the coordinator.
 *
 * @throws CodedError `REQUEST_INCOMPLETE` without a correlation id, `CORRELATION_ID_INVALID`; what
 * the ledger or an upcaster fails with
 */
export function eventStream(
  options: StreamOptions,
  filter: EventStreamFilter,
  { after, signal }: SubscribeOptions = {},
): AsyncIterable<StreamedEvent> {
  const { correlationId } = filter
  if (correlationId === '') {
    const cause = 'correlation_id is required for event stream subscription'
    throw codedError('REQUEST_INCOMPLETE', { details: { cause } })
  }
  checkCorrelationId(correlationId)
  const ends = signal === undefined ? [options.closed] : [options.closed, signal]
  // What is stored between this call and the first read belongs to the stream.
  return follow(options, correlationId, after ?? options.recent.tip, AbortSignal.any(ends))
}

async function* follow(
  options: StreamOptions,
  correlationId: string,
  after: Position,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent> {
  let read = after
  while (!signal.aborted) {
    const { tip } = options.recent
    if (read >= tip) {
      await grown(options.recent, read, signal)
      continue
    }
    const events = await eventsBehind(options, read, tip)
    // Positions whose events were deleted.
    if (events.length === 0) read = tip
    for (const event of events) {
      read = event.position
      if (event.correlationId !== correlationId || event.visibility.kind !== 'open') continue
      for (const seen of await seenAt(options, event)) {
        yield { book: await bookOf(options, seen), position: event.position }
        if (signal.aborted) return
      }
    }
  }
}

async function eventsBehind(
  { recent, ledger }: StreamOptions,
  read: Position,
  tip: Position,
): Promise<readonly StoredEvent[]> {
  const held = recent.behind(read, limits.eventsPerReadMax)
  if (held !== undefined && held.length > 0) return held
  for await (const chunk of ledger.log(read, { limit: limits.eventsPerReadMax })) {
    return chunk.filter(({ position }) => position <= tip)
  }
  return []
}

/** The events that can be seen from an event on: itself, or the pages that it confirms. */
async function seenAt(
  { ledger }: StreamOptions,
  event: StoredEvent,
): Promise<readonly StoredEvent[]> {
  if (!isFrameworkEvent(event.type)) return [event]
  const { confirmed } = resolutionsIn([event])
  if (confirmed.size === 0) return []
  const range = { from: Math.min(...confirmed), to: Math.max(...confirmed) }
  const found: StoredEvent[] = []
  for await (const chunk of ledger.stream(event.key, range)) {
    found.push(...chunk.filter(({ sequence }) => confirmed.has(sequence)))
  }
  return found
}

function grown(recent: RecentLog, read: Position, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stop = recent.onGrowth(() => {
      if (recent.tip > read) done()
    })
    signal.addEventListener('abort', done, { once: true })
  })
}

async function bookOf({ upcast }: QueryOptions, event: StoredEvent): Promise<EventBook> {
  return create(EventBookSchema, {
    cover: coverOf(event.key, event.correlationId),
    pages: [await pageOfStored(upcast, event)],
    nextSequence: event.sequence + 1,
  })
}
