import type { Nanoseconds } from '../../../clock.ts'

/** Where the ledger stands; each stored write moves it on. */
export type LedgerState = {
  /** Number of the last commit. */
  number: number
  /** The last position given. */
  tip: number
  /** Recording time of the transaction. */
  recordedAt: Nanoseconds
}
