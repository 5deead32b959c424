/** Tells what an execution runs, once, that the run has ended. */
import type { ExecutionState } from '../../machine/state.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { LiveExecution } from './live-execution.ts'
import { hasEnded } from './standing.ts'

/**
 * Tells it when what was stored just then has ended the execution. One that was stuck has ended before:
 * what an operator does about it is not told again.
 *
 * @param after its state as it is stored; the execution still has the one before
 */
export function tellEnd(
  { state: before, known }: LiveExecution,
  after: ExecutionState,
  telemetry: Telemetry,
): void {
  if (!hasEnded(after) || (before !== undefined && hasEnded(before))) return
  const seconds = Number(after.changedAt - after.startedAt) / 1e9
  known.executable.ended?.({ hasCompleted: after.forward === 'completed', seconds, telemetry })
}
