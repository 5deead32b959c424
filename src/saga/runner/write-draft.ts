/** Writes what an execution has decided: its entries, its row, and now and then a snapshot. */
import { executionStream } from '../journal/execution-stream.ts'
import type { RunnerOptions } from './executions.ts'
import type { Written } from './journal-writer.ts'
import type { ExecutionDraft } from './live-execution.ts'
import { snapshotsFor } from './snapshots.ts'

/** Resolves when it is on disk, or refused. */
export async function writeDraft(
  { writer, bounds }: RunnerOptions,
  id: string,
  draft: ExecutionDraft,
): Promise<Written> {
  const { at, events, state, row } = draft
  const { correlationId } = state
  const append = { key: executionStream(id), at, events, correlationId }
  const rows = row === undefined ? draft.alsoPut : [row, ...draft.alsoPut]
  return await writer.offer({
    appends: [append],
    rows,
    snapshots: snapshotsFor(draft, append.key, bounds),
  })
}
