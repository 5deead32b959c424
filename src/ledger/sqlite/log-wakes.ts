/** Wakes followers of the log: at once when this process has written, else by and by. */
import type { Clock } from '../../clock.ts'
import { limits } from '../../limits.ts'

/** Waits for the log to grow. */
export class LogWakes {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #count = 0
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How often this process has written; ask before looking, and wait with what it was. */
  get count(): number {
    return this.#count
  }

  /**
   * Resolves after a write of this process since the count was `seen`, after a while, when the signal
   * aborts, or when the ledger closes.
   */
  async after(seen: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed || this.#count !== seen || signal?.aborted === true) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const onAbort = (): void => resolve()
    const timer = this.#clock.after(limits.followPollMs, resolve)
    this.#waiting.add(resolve)
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
    this.#count++
    for (const resolve of this.#waiting) resolve()
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true
    this.wake()
  }
}
