/** Rebuilds a state: the newest usable snapshot, then the events behind it, upcast. */
import { isPromise } from '../awaitable.ts'
import type { Ledger, StoredEvent, StreamKey } from '../ledger/ledger.ts'
import type { Sequence } from '../identity.ts'
import type { EncodedEvent, StatefulEndpoint } from './stateful-endpoint.ts'
import { type Branch, branchOf } from './branches.ts'
import { eventInPage, inlineEventIn } from './event-in-page.ts'
import { referenceIn } from './payloads/payload-reference.ts'
import { type HistoryPoint, rangeIn, snapshotAt, timelineParts } from './timeline.ts'
import type { PendingReader } from './plan-pending.ts'
import type { OffloadedEvent, Upcast } from './upcast-event.ts'
import { type ViewedChunk, viewedEvents } from './viewed-events.ts'

/** A state and the sequence of the next event. */
export type LoadedState = {
  readonly state: unknown
  readonly next: Sequence
  /** Sequence of the snapshot it began from, or -1. */
  readonly snapshotAt: Sequence
  /** Bytes of events that were folded. */
  readonly foldedBytes: number
  /** Where it branches off the main timeline; `undefined` on that itself. */
  readonly branch: Branch | undefined
  /**
   * Set for a stream that is held by pages that are not resolved, so that others see another state:
   * the cascades whose pages were left out.
   */
  readonly pending: readonly string[] | undefined
}

/** What to load. */
export type LoadOptions = {
  readonly ledger: Ledger
  readonly key: StreamKey
  readonly endpoint: StatefulEndpoint
  readonly upcast: Upcast
  /** Default: the end of the stream. */
  readonly point?: HistoryPoint | undefined
  /** Where a stream of a named edition branches off, if the request says so. */
  readonly branchAt?: Sequence | undefined
  /** Whose pending pages are seen. Default: nobody's. */
  readonly reader?: PendingReader
}

/**
 * Loads a state as of the end of the stream, or as of a point of its history.
 *
 * @throws CodedError `ANY_DECODE_FAILED`, `UPCASTER_FAILED`, `PAYLOAD_RETRIEVAL_FAILED`
 */
export async function loadState(options: LoadOptions): Promise<LoadedState> {
  const { ledger, key, endpoint, upcast, point = {} } = options
  const branch = await branchOf(ledger, key, options.branchAt)
  if (point.last === -1) {
    const nothing = { next: 0, snapshotAt: -1, foldedBytes: 0, branch, pending: undefined }
    return { state: endpoint.fresh(), ...nothing }
  }
  const parts = timelineParts(key, branch)
  const snapshot =
    endpoint.stateSchema === undefined && endpoint.readsSnapshots !== true
      ? undefined
      : await snapshotAt(ledger, parts, point)
  const restored = snapshot === undefined ? undefined : endpoint.restore(snapshot.state)
  const usable = snapshot !== undefined && restored !== undefined
  let state = usable ? restored : endpoint.fresh()
  let next = usable ? snapshot.sequence + 1 : 0
  let foldedBytes = 0
  let own = false
  const held = new Set<string>()
  for (const part of parts) {
    const range = rangeIn(part, { from: next, to: point.last, upTo: point.upTo })
    if (range === undefined) continue
    for await (const chunk of viewedEvents(ledger, part.key, range, options.reader)) {
      const { events, hidden } = chunk
      const renewed = upcast.together(key.domain) ? await renewedIn(options, chunk) : undefined
      for (const [index, stored] of events.entries()) {
        foldedBytes += stored.page.length
        next = stored.sequence + 1
        const why = hidden?.[index]
        if (why === 'uncommitted') held.add(cascadeOf(stored))
        if (why !== undefined) continue
        if (stored.visibility.kind === 'pending') own ||= cascadeOf(stored) === options.reader
        const event = renewed?.get(stored) ?? upcast(key.domain, openPage(stored))
        state = endpoint.fold(state, isPromise(event) ? await event : event)
      }
    }
  }
  const atEnd = point.last === undefined && point.upTo === undefined
  // A stream whose events were deleted goes on counting where it stopped.
  if (atEnd && branch !== undefined) next = Math.max(next, branch.head, branch.at)
  else if (atEnd && foldedBytes === 0) next = Math.max(next, await ledger.head(key))
  const pending = held.size > 0 || own ? [...held] : undefined
  return { state, next, snapshotAt: usable ? snapshot.sequence : -1, foldedBytes, branch, pending }
}

/** What the reader sees of a chunk, in its newest form. */
async function renewedIn(
  { key, upcast }: LoadOptions,
  { events, hidden }: ViewedChunk,
): Promise<ReadonlyMap<StoredEvent, EncodedEvent | undefined>> {
  const seen = events.filter((_, index) => hidden?.[index] === undefined)
  const renewed = await upcast.all(key.domain, seen.map(openPage))
  return new Map(seen.map((event, index) => [event, renewed[index]]))
}

function cascadeOf({ visibility }: StoredEvent): string {
  return visibility.kind === 'pending' ? visibility.cascadeId : ''
}

/** The event in a stored page, or what stands for it there. */
export function openPage({ sequence, type, page }: StoredEvent): EncodedEvent | OffloadedEvent {
  const value = inlineEventIn(page)
  if (value !== undefined) return { sequence, type, value }
  const external = referenceIn(page)
  if (external !== undefined) return { sequence, type, external }
  return { sequence, type, value: eventInPage(page) }
}
