/**
 * Executions that wait and are still in memory: for a reply, that mostly comes soon. Those that have
 * waited long enough are handed over to be forgotten. One timer for all of them.
 */
import type { Clock, Timer } from '../../clock.ts'

/** See the top of this file. */
export class ResidentWaits<T> {
  readonly #clock: Clock
  readonly #residentMs: number
  readonly #forget: (item: T) => void
  /** Since when each waits; in that order. */
  readonly #since = new Map<T, number>()
  #timer: Timer | undefined

  constructor(options: {
    readonly clock: Clock
    readonly residentMs: number
    readonly forget: (item: T) => void
  }) {
    this.#clock = options.clock
    this.#residentMs = options.residentMs
    this.#forget = options.forget
  }

  /** How many wait. */
  get size(): number {
    return this.#since.size
  }

  /** It waits from now on. */
  begin(item: T): void {
    this.#since.delete(item)
    this.#since.set(item, this.#clock.monotonicMs())
    this.#arm()
  }

  /** It does not wait any more. */
  end(item: T): void {
    this.#since.delete(item)
  }

  /** Forgets those that have waited longest, so many of them. */
  makeRoom(count: number): void {
    let left = count
    for (const item of this.#since.keys()) {
      if (left-- <= 0) return
      this.#since.delete(item)
      this.#forget(item)
    }
  }

  /** Stops the timer. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#since.clear()
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#since.size === 0) return
    this.#timer = this.#clock.after(this.#residentMs / 2, () => {
      this.#timer = undefined
      this.#sweep()
      this.#arm()
    })
    this.#timer.unref?.()
  }

  #sweep(): void {
    const now = this.#clock.monotonicMs()
    for (const [item, since] of this.#since) {
      if (now - since < this.#residentMs) return
      this.#since.delete(item)
      this.#forget(item)
    }
  }
}
