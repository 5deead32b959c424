/** Waiting for something to end, but not for ever. */
import type { Clock } from '../clock.ts'

/** Whether the promise settles, either way, within a time, which may be infinite. The timer does not outlive the wait. */
export async function settledWithin(
  promise: PromiseLike<unknown>,
  delayMs: number,
  clock: Clock,
): Promise<boolean> {
  const waited = Promise.withResolvers<boolean>()
  const settled = (): void => waited.resolve(true)
  if (delayMs === Infinity) {
    promise.then(settled, settled)
    return await waited.promise
  }
  const timer = clock.after(delayMs, () => waited.resolve(false))
  promise.then(settled, settled)
  try {
    return await waited.promise
  } finally {
    timer.cancel()
  }
}
