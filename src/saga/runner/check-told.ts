/** Checks what an execution is to be told, before it is decided. */
import type { Told } from '../../machine/input.ts'
import type { Executions } from './executions.ts'
import type { LiveExecution } from './live-execution.ts'

/**
 * Refuses a signal whose data none of the steps takes that wait for it; the execution is let go then.
 *
 * @throws CodedError `SAGA_SIGNAL_INVALID`
 */
export async function checkTold(
  executions: Pick<Executions, 'release'>,
  execution: LiveExecution,
  told: Told,
): Promise<void> {
  if (told.kind !== 'signal') return
  try {
    await execution.known.executable.admitSignal?.(told.signal, told.data)
  } catch (error) {
    executions.release(execution)
    throw error
  }
}
