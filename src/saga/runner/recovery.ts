/**
 * Takes up what the process before has left: executions that were at work, that waited for replies or
 * children, and those whose definition is known again. Pages through their rows; so many at a time.
 */
import { type ExecutionRow, executionOf } from './execution-row.ts'
import { takeUp } from './look-after.ts'
import type { Executions } from './executions.ts'
import { EXECUTIONS, type Standing } from './spaces.ts'
import { turn } from '../../turn.ts'

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
  executions: Executions,
  progress: Recovery,
  goesOn: () => boolean,
): Promise<void> {
  const { executables } = executions.options
  for (const group of TAKEN_UP) {
    for await (const rows of pages(executions, group)) {
      if (!goesOn()) return
      for (const { definition, fingerprint } of rows) {
        if (executables.find(definition, fingerprint) !== undefined) progress.taken++
      }
      await Promise.all(rows.map((row) => takeUp(executions, row)))
    }
  }
}

/** Counts executions whose definition nobody here knows. */
export async function countOrphans(
  executions: Executions,
  progress: Recovery,
  goesOn: () => boolean,
): Promise<void> {
  for (const group of ['orphaned', 'waiting'] as const) {
    for await (const rows of pages(executions, group)) {
      if (!goesOn()) return
      for (const { definition, fingerprint } of rows) {
        if (executions.options.executables.find(definition, fingerprint) !== undefined) continue
        progress.orphaned.set(definition, (progress.orphaned.get(definition) ?? 0) + 1)
      }
    }
  }
}

/** The rows of a group, so many at a time. */
async function* pages(
  executions: Executions,
  group: Standing,
): AsyncGenerator<readonly ExecutionRow[], void, undefined> {
  const { ledger, bounds } = executions.options
  const limit = bounds.executionsResumingMax
  for (let after: string | undefined; ;) {
    const rows = await ledger.rows(EXECUTIONS, { group, after, limit })
    if (rows.length > 0) yield rows.map(executionOf)
    after = rows.at(-1)?.key
    if (rows.length < limit) return
    // Others get their turn of the event loop.
    await turn()
  }
}
