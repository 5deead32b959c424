/** What is done again and again while a scheduler runs, and what is done a while later. */
import type { Clock, Timer } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { LogSink } from './coordinator.ts'

/** See the top of this file. */
export class Upkeep {
  readonly #clock: Clock
  readonly #log: LogSink
  readonly #timers = new Set<Timer>()
  #stopped = false

  constructor(clock: Clock, log: LogSink) {
    this.#clock = clock
    this.#log = log
  }

  /** Runs something again and again; one run ends before the next begins. */
  every(delayMs: number, run: () => Promise<void>): void {
    const arm = (): void => {
      const timer = this.later(delayMs, () => {
        void run()
          .catch((error: unknown) =>
            this.#log('error', 'upkeep_failed', { error: messageOf(error) }),
          )
          .then(arm)
      })
      // Upkeep is no reason to stay.
      timer?.unref?.()
    }
    arm()
  }

  /** Does something after a while, unless it is too late by then. */
  later(delayMs: number, run: () => void): Timer | undefined {
    if (this.#stopped) return undefined
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
    return timer
  }

  /** Does nothing more. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
  }
}
