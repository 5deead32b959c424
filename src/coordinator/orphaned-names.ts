/** Components that have been here before and are gone. */
import type { Ledger } from '../ledger/ledger.ts'
import { allRows } from './all-rows.ts'
import { PROGRESS } from './spaces.ts'

/** Names that have checkpoints in a ledger but no code in this process. */
export async function orphanedNames(
  ledger: Ledger,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { key } of allRows(ledger, PROGRESS)) if (!known.has(key)) names.push(key)
  return names
}
