/** Waiting for something to end, but not for ever. */
import type { Clock } from '../clock.ts'

/** Whether the promise settles, either way, within a time. The timer does not outlive the wait. */
export async function settledWithin(
  promise: PromiseLike<unknown>,
  delayMs: number,
  clock: Clock,
): Promise<boolean> {
  const waited = Promise.withResolvers<boolean>()
  const timer = clock.after(delayMs, () => waited.resolve(false))
  const settled = (): void => waited.resolve(true)
  promise.then(settled, settled)
  try {
    return await waited.promise
  } finally {
    timer.cancel()
  }
}
