/**
 * Removes payloads that no event refers to: those of deleted editions, and of commits that came to
 * nothing. What was put within the grace period stays, because its commit may still be on its way.
 */
import { type Clock, NANOSECONDS_PER_MS } from '../../clock.ts'
import type { RowChange, Ledger } from '../../ledger/ledger.ts'
import type { Journal } from '../journal.ts'
import { PAYLOADS } from '../spaces.ts'
import { isInUse, payloadUses } from './payload-rows.ts'
import type { PayloadStore } from './payload-store.ts'

/** What sweeping needs. */
export type SweepingOptions = {
  readonly store: PayloadStore
  readonly ledger: Ledger
  readonly journal: Pick<Journal, 'commit'>
  readonly clock: Clock
  readonly graceMs: number
}

/** Sweeps once; answers how many payloads are gone. */
export async function sweepPayloads(options: SweepingOptions): Promise<number> {
  const { store, clock, graceMs } = options
  const putBefore = clock.wall() - BigInt(graceMs) * NANOSECONDS_PER_MS
  return await store.sweep({ putBefore, isNeeded: (hash) => isNeeded(options, hash) })
}

/** Rows that stand for nothing are removed on the way. */
async function isNeeded({ ledger, journal }: SweepingOptions, hash: string): Promise<boolean> {
  const stale: RowChange[] = []
  let needed = false
  for await (const use of payloadUses(ledger, hash)) {
    if (await isInUse(ledger, use)) {
      needed = true
      break
    }
    const { key, version } = use.row
    stale.push({ kind: 'remove', space: PAYLOADS, key, expected: version })
    if (stale.length >= ROWS_PER_COMMIT) await journal.commit({ rows: stale.splice(0) })
  }
  // A row that was written again meanwhile stays: its version is another one.
  if (stale.length > 0) await journal.commit({ rows: stale })
  return needed
}

const ROWS_PER_COMMIT = 100
