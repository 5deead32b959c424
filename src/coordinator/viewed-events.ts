/** Reads a stream as a reader sees it: what is pending, and for whom, is decided here only. */
import type { Ledger, StoredEvent, StreamKey, StreamRange } from '../ledger/ledger.ts'
import { type HiddenReason, needsView, type PendingReader, viewOf } from './plan-pending.ts'

/** Consecutive events, and why the reader does not see one of them; no reasons when it sees all. */
export type ViewedChunk = {
  readonly events: readonly StoredEvent[]
  readonly hidden: readonly (HiddenReason | undefined)[] | undefined
}

/**
 * The events of a range, in chunks. From the first one on whose fate depends on later ones, they are
 * held in memory until the end of the range.
 */
export async function* viewedEvents(
  ledger: Ledger,
  key: StreamKey,
  range: StreamRange,
  reader: PendingReader,
): AsyncGenerator<ViewedChunk> {
  const rest: StoredEvent[] = []
  for await (const chunk of ledger.stream(key, range)) {
    if (rest.length > 0 || chunk.some(needsView)) rest.push(...chunk)
    else yield { events: chunk, hidden: undefined }
  }
  if (rest.length > 0) {
    yield { events: rest, hidden: viewOf(rest, reader).map(({ hidden }) => hidden) }
  }
}
