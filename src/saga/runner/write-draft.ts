/** Writes what an execution has decided: its entries, its row, and now and then a snapshot. */
import { executionStream } from '../journal/execution-stream.ts'
import type { RunnerOptions } from './executions.ts'
import type { Written } from './journal-writer.ts'
import type { ExecutionDraft, LiveExecution } from './live-execution.ts'
import { snapshotsFor } from './snapshots.ts'
import { tellEnd } from './tell-end.ts'

/** Resolves when it is on disk, or refused. */
export async function writeDraft(
  { writer, bounds, telemetry }: RunnerOptions,
  execution: LiveExecution,
  draft: ExecutionDraft,
): Promise<Written> {
  const { at, events, state, row } = draft
  const { correlationId } = state
  const append = { key: executionStream(execution.id), at, events, correlationId }
  const rows = row === undefined ? draft.alsoPut : [row, ...draft.alsoPut]
  const written = await writer.offer({
    appends: [append],
    rows,
    snapshots: snapshotsFor(draft, append.key, bounds),
  })
  if (written.kind === 'stored') tellEnd(execution, state, telemetry)
  return written
}
