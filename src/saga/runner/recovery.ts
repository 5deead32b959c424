/**
 * Takes up what the process before has left: executions that were at work, that waited for replies or
 * children, and those whose definition is known again. Pages through their rows; so many at a time.
 */
import { executionOf } from './execution-row.ts'
import { takeUp } from './look-after.ts'
import type { Runner } from './runner.ts'
import { EXECUTIONS, type Standing } from './spaces.ts'

/** Groups of rows that are taken up. What waits for a time or a signal is not among them. */
const TAKEN_UP: readonly Standing[] = ['running', 'awaiting', 'orphaned']

/** How far it is. */
export type Recovery = {
  /** Executions taken up so far. */
  taken: number
  /** Executions whose definition nobody here knows, by name. */
  readonly orphaned: Map<string, number>
}

/** See the top of this file. `goesOn` is asked before each page. */
export async function recover(
  runner: Runner,
  progress: Recovery,
  goesOn: () => boolean,
): Promise<void> {
  const { ledger, bounds, executables } = runner.options
  const limit = bounds.executionsResumingMax
  for (const group of TAKEN_UP) {
    for (let after: string | undefined; goesOn();) {
      const rows = await ledger.rows(EXECUTIONS, { group, after, limit })
      const executions = rows.map(executionOf)
      await Promise.all(
        executions.map(async (row) => {
          if (executables.find(row.definition, row.fingerprint) === undefined) {
            // Those that are written down as orphans meanwhile come again with the last group.
            if (group === 'orphaned') {
              progress.orphaned.set(row.definition, (progress.orphaned.get(row.definition) ?? 0) + 1)
            }
          } else progress.taken++
          await takeUp(runner, row)
        }),
      )
      after = rows.at(-1)?.key
      if (rows.length < limit) break
    }
  }
}
