/** Rebuilds a state: the newest usable snapshot, then the events behind it, upcast. */
import { isPromise } from '../component/in-order.ts'
import type { Ledger, StoredEvent, StreamKey } from '../ledger/ledger.ts'
import type { Sequence } from '../identity.ts'
import type { EncodedEvent, StatefulEndpoint } from './stateful-endpoint.ts'
import { eventInPage } from './event-in-page.ts'
import type { Upcast } from './upcast-event.ts'

/** A state and the sequence of the next event. */
export type LoadedState = {
  readonly state: unknown
  readonly next: Sequence
  /** Sequence of the snapshot it began from, or -1. */
  readonly snapshotAt: Sequence
  /** Bytes of events that were folded. */
  readonly foldedBytes: number
}

/**
 * Loads a state as of the end of the stream, or as it was before the event at `before`.
 *
 * @throws CodedError `ANY_DECODE_FAILED`, `UPCASTER_FAILED`
 */
export async function loadState(options: {
  readonly ledger: Ledger
  readonly key: StreamKey
  readonly endpoint: StatefulEndpoint
  readonly upcast: Upcast
  readonly before?: Sequence | undefined
}): Promise<LoadedState> {
  const { ledger, key, endpoint, upcast, before } = options
  if (before === 0) return { state: endpoint.fresh(), next: 0, snapshotAt: -1, foldedBytes: 0 }
  const last = before === undefined ? undefined : before - 1
  const snapshot = endpoint.stateSchema === undefined ? undefined : await ledger.snapshot(key, last)
  const restored = snapshot === undefined ? undefined : endpoint.restore(snapshot.state)
  const usable = snapshot !== undefined && restored !== undefined
  let state = usable ? restored : endpoint.fresh()
  let next = usable ? snapshot.sequence + 1 : 0
  let foldedBytes = 0
  for await (const chunk of ledger.stream(key, { from: next, to: last })) {
    for (const stored of chunk) {
      const event = upcast(key.domain, openPage(stored))
      state = endpoint.fold(state, isPromise(event) ? await event : event)
      foldedBytes += stored.page.length
      next = stored.sequence + 1
    }
  }
  // A stream whose events were deleted goes on counting where it stopped.
  if (before === undefined && foldedBytes === 0) next = Math.max(next, await ledger.head(key))
  return { state, next, snapshotAt: usable ? snapshot.sequence : -1, foldedBytes }
}

/** The event in a stored page. */
export function openPage(stored: StoredEvent): EncodedEvent {
  return { sequence: stored.sequence, type: stored.type, value: eventInPage(stored.page) }
}
