/** Whether a projector has taken an event in, as the ledger says: rows and progress are one commit. */
import type { Ledger, StoredEvent } from '../ledger/ledger.ts'
import { parkedKeyOf } from './parked-keys.ts'
import { progressOf } from './progress-rows.ts'
import { PROGRESS } from './spaces.ts'
import { keyParked } from './watched-events.ts'

/**
 * True when it has, or never will because it began behind it.
 *
 * @throws CodedError `KEY_PARKED` while the event waits behind a dead letter of its stream
 */
export async function isTakenIn(
  ledger: Ledger,
  checkpoint: string,
  { key, position }: StoredEvent,
): Promise<boolean> {
  const lane = `${key.edition}:${key.domain}:${key.root}`
  const parked = await parkedKeyOf(ledger, checkpoint, lane)
  if (parked !== undefined && Number(parked.firstPosition) <= position) {
    throw keyParked(checkpoint, lane)
  }
  const row = await ledger.row(PROGRESS, checkpoint)
  if (row === undefined) return false
  const { low, done } = progressOf(row)
  return position <= low || done.some(({ from, to }) => from <= position && position <= to)
}
