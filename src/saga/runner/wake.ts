/** The one timer of an execution that stays in memory until it goes on. */
import {
  type Clock,
  LONGEST_TIMER_MS,
  type Nanoseconds,
  NANOSECONDS_PER_MS,
  type Timer,
} from '../../clock.ts'

/** See the top of this file. */
export class Wake {
  #set: { readonly at: Nanoseconds; readonly timer: Timer } | undefined

  /** Calls `fire` at a time, and not at the one that was set before; `undefined` calls it off. */
  set(at: Nanoseconds | undefined, clock: Clock, fire: () => void): void {
    if (this.#set?.at === at) return
    this.cancel()
    if (at === undefined) return
    const delayMs = Math.max(0, Math.ceil(Number(at - clock.wall()) / Number(NANOSECONDS_PER_MS)))
    const timer = clock.after(Math.min(delayMs, LONGEST_TIMER_MS), () => {
      this.#set = undefined
      fire()
    })
    this.#set = { at, timer }
  }

  /** Calls it off. */
  cancel(): void {
    this.#set?.timer.cancel()
    this.#set = undefined
  }
}
