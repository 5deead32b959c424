/** What happens to executions that are looked at: taken up again, woken, or deleted. */
import { executionStream } from '../journal/execution-stream.ts'
import type { ExecutionRow } from './execution-row.ts'
import { hasStandingEnded } from './plan-row.ts'
import type { Runner } from './runner.ts'
import { EXECUTIONS } from './spaces.ts'

/** Looks after executions that are due; resolves when they are due no more. */
export async function lookAfter(runner: Runner, rows: readonly ExecutionRow[]): Promise<void> {
  const ended = rows.filter(({ standing }) => hasStandingEnded(standing))
  await Promise.all(rows.map((row) => (hasStandingEnded(row.standing) ? undefined : wake(runner, row))))
  await deleteEnded(runner, ended)
}

/** Takes up an execution of a process that is gone. */
export async function takeUp(runner: Runner, row: ExecutionRow): Promise<void> {
  if (runner.has(row.id)) return
  const known = runner.options.executables.find(row.definition, row.fingerprint)
  if (known === undefined) {
    if (row.standing !== 'orphaned') await runner.orphan(row)
    return
  }
  await runner.room()
  const execution = await runner.loaded(row.id)
  await execution.takeUp()
}

async function wake(runner: Runner, row: ExecutionRow): Promise<void> {
  if (runner.options.executables.find(row.definition, row.fingerprint) === undefined) {
    await runner.orphan(row)
    return
  }
  await runner.room()
  await runner.tell(row.id, { kind: 'time' })
}

/** Deletes executions that have been kept long enough, in writes of some each. */
async function deleteEnded(runner: Runner, rows: readonly ExecutionRow[]): Promise<void> {
  const { writer, bounds, leaseLost } = runner.options
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
