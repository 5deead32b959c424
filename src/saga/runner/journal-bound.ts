/** An execution whose journal grows without end is cancelled, where it still can be. */
import { codedError } from '../../errors.ts'
import type { Executions } from './executions.ts'
import type { LiveExecution } from './live-execution.ts'

/** See the top of this file. Its cancellation says `SAGA_EXECUTION_TOO_LONG`. */
export function boundJournal(executions: Executions, execution: LiveExecution): void {
  const { state, id } = execution
  if (state === undefined || execution.isTooLong) return
  const { entries, unwinding, forward } = state
  if (entries < executions.options.bounds.executionEntriesMax) return
  execution.isTooLong = true
  if (unwinding || forward !== 'running') return
  const error = codedError('SAGA_EXECUTION_TOO_LONG', { details: { id, entries } })
  executions.trouble('execution_too_long', error, { id, entries })
  execution.offer({ kind: 'cancel', reason: error.code })
}
