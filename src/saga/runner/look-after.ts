/** What happens to executions that are looked at: taken up again, woken, or deleted. */
import { executionStream } from '../journal/execution-stream.ts'
import type { ExecutionRow } from './execution-row.ts'
import { hasStandingEnded } from './plan-row.ts'
import type { Executions } from './executions.ts'
import { EXECUTIONS } from './spaces.ts'

/** Looks after executions that are due; resolves when they are due no more. */
export async function lookAfter(
  executions: Executions,
  rows: readonly ExecutionRow[],
): Promise<void> {
  const ended = rows.filter(({ standing }) => hasStandingEnded(standing))
  const waiting = rows.filter(({ standing }) => !hasStandingEnded(standing))
  await Promise.all(waiting.map((row) => wake(executions, row)))
  await deleteEnded(executions, ended)
}

/** Takes up an execution of a process that is gone. */
export async function takeUp(executions: Executions, row: ExecutionRow): Promise<void> {
  if (executions.has(row.id)) return
  const known = executions.options.executables.find(row.definition, row.fingerprint)
  if (known === undefined) {
    if (row.standing !== 'orphaned') await executions.orphan(row)
    return
  }
  const hasWaited = await executions.room()
  if (hasWaited && executions.has(row.id)) return
  // What was read before the wait may not be so any more.
  const execution = await executions.loaded(row.id, hasWaited ? undefined : row)
  await execution.takeUp()
}

async function wake(executions: Executions, row: ExecutionRow): Promise<void> {
  if (executions.options.executables.find(row.definition, row.fingerprint) === undefined) {
    await executions.orphan(row)
    return
  }
  const hasWaited = await executions.room()
  const execution = await executions.loaded(row.id, hasWaited ? undefined : row)
  await execution.tell({ kind: 'time' })
}

/** Deletes executions that have been kept long enough, in writes of some each. */
async function deleteEnded(executions: Executions, rows: readonly ExecutionRow[]): Promise<void> {
  const { writer, bounds, leaseLost } = executions.options
  for (let from = 0; from < rows.length; from += bounds.executionsPerDeletionMax) {
    const part = rows.slice(from, from + bounds.executionsPerDeletionMax)
    const written = await writer.offer({
      appends: [],
      rows: part.map(({ id }) => ({ kind: 'remove', space: EXECUTIONS, key: id, expected: 'any' })),
      deletions: part.map(({ id }) => ({ kind: 'stream', key: executionStream(id) })),
    })
    if (written.kind === 'lease-lost') leaseLost()
  }
}
