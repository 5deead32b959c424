/** What a commit carries besides the events and the claim of its own. */
import type { Write } from '../ledger/ledger.ts'

/** See the top of this file. */
export type Settlement = Omit<Write, 'id'>
