/**
 * Forgets claims that protect nothing any more. A client's claim is kept for a time in which
 * resending makes sense; a reaction's, besides, until no component can come upon its trigger again.
 */
import { type Clock, NANOSECONDS_PER_MS } from '../clock.ts'
import type { Position } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { allRows } from './all-rows.ts'
import type { Journal } from './journal.ts'
import { firstPositionOf } from './parked-keys.ts'
import { progressOf } from './progress-rows.ts'
import { PARKED, PROGRESS } from './spaces.ts'

/** Forgets what is older than `retentionMs` and lies behind every checkpoint and parked key. */
export async function pruneClaims(options: {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly clock: Clock
  readonly retentionMs: number
}): Promise<void> {
  const { ledger, journal, clock, retentionMs } = options
  const madeBefore = clock.wall() - BigInt(retentionMs) * NANOSECONDS_PER_MS
  const upTo = await behindAll(ledger)
  await journal.commit({ deletions: [{ kind: 'claims', madeBefore, upTo }] })
}

/** The last position that nobody will look at again; names without code here count too. */
async function behindAll(ledger: Ledger): Promise<Position> {
  let last = await ledger.tip()
  for await (const row of allRows(ledger, PROGRESS)) last = Math.min(last, progressOf(row).low)
  for await (const row of allRows(ledger, PARKED)) last = Math.min(last, firstPositionOf(row) - 1)
  return last
}
