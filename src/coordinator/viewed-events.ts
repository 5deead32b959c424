/** Reads a stream as a reader sees it: what is pending, and for whom, is decided here only. */
import type { Ledger, StoredEvent, StreamKey, StreamRange } from '../ledger/ledger.ts'
import { needsView, type PendingReader, type ViewedEvent, viewOf } from './plan-pending.ts'

/**
 * The events of a range. From the first one on whose fate depends on later ones, they are held in
 * memory until the end of the range.
 */
export async function* viewedEvents(
  ledger: Ledger,
  key: StreamKey,
  range: StreamRange,
  reader: PendingReader,
): AsyncGenerator<ViewedEvent> {
  const rest: StoredEvent[] = []
  for await (const chunk of ledger.stream(key, range)) {
    for (const event of chunk) {
      if (rest.length > 0 || needsView(event)) rest.push(event)
      else yield { event, hidden: undefined }
    }
  }
  yield* viewOf(rest, reader)
}
