/** What has become of one pending page by now. */
import type { Ledger, StoredEvent } from '../ledger/ledger.ts'
import { viewedEvents } from './viewed-events.ts'

/** `held` while nobody has confirmed or revoked it. */
export type PageFate = 'confirmed' | 'revoked' | 'held'

/** Reads what stands behind the page in its stream. */
export async function fateOf(ledger: Ledger, page: StoredEvent): Promise<PageFate> {
  const from = page.sequence
  for await (const { events, hidden } of viewedEvents(ledger, page.key, { from }, undefined)) {
    const index = events.findIndex(({ sequence }) => sequence === from)
    if (index < 0) continue
    const why = hidden?.[index]
    return why === undefined ? 'confirmed' : why === 'uncommitted' ? 'held' : 'revoked'
  }
  // Deleted meanwhile.
  return 'revoked'
}
