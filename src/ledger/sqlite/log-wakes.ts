/** Wakes followers of the log: at once when this process has written, else by and by. */
import type { Clock } from '../../clock.ts'
import { limits } from '../../limits.ts'

/** Waits for the log to grow. */
export class LogWakes {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after the next write of this process, after a while, or when the signal aborts. */
  async next(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed || signal?.aborted === true) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#clock.after(limits.followPollMs, resolve)
    this.#waiting.add(resolve)
    const onAbort = (): void => resolve()
    signal?.addEventListener('abort', onAbort)
    try {
      await promise
    } finally {
      timer.cancel()
      this.#waiting.delete(resolve)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** This process has written. */
  wake(): void {
    for (const resolve of this.#waiting) resolve()
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true
    this.wake()
  }
}
