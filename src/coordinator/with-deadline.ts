/** A bound on how long a handler may take. */
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'

/**
 * The answer, or `HANDLER_TIMEOUT` after the deadline. The handler's own promise goes on: what it
 * still does is nobody's decision any more.
 */
export function withDeadline<T>(
  answer: Promise<T>,
  options: { readonly clock: Clock; readonly handlerTimeoutMs: number },
): Promise<T> {
  const { clock, handlerTimeoutMs } = options
  return new Promise((resolve, reject) => {
    const timer = clock.after(handlerTimeoutMs, () => {
      const details = { timeout_ms: handlerTimeoutMs }
      reject(codedError('HANDLER_TIMEOUT', { details, hint: 'Raise limits.handlerTimeoutMs.' }))
    })
    answer.then(
      (value) => {
        timer.cancel()
        resolve(value)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}
