/** Checks the data of a signal against the steps that wait for it, before it is stored. */
import type { SignalSagaStep } from './signal-saga-step.ts'

/**
 * Takes data that one of the steps takes. A signal that no step waits for is kept as it comes, and so is
 * the data of one whose step names no schema.
 *
 * @throws CodedError `SAGA_SIGNAL_INVALID` when every step that waits for it refuses the data
 */
export async function admitSignal(
  steps: readonly SignalSagaStep[],
  signal: string,
  data: unknown,
): Promise<void> {
  let refusal: { readonly error: unknown } | undefined
  for (const step of steps) {
    if (step.signal !== signal) continue
    if (step.border === undefined) return
    try {
      await step.border.unpack(data)
      return
    } catch (error) {
      refusal ??= { error }
    }
  }
  if (refusal !== undefined) throw refusal.error
}
