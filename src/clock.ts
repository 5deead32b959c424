/**
 * Time enters Amends here and nowhere else. A clock has two readings: `wall` for stamps and due
 * times, `monotonic` for durations. Timers belong to it too, so that tests can drive them.
 */

/** Nanoseconds since 1970-01-01T00:00:00Z, or a duration in nanoseconds. */
export type Nanoseconds = bigint

/** Something scheduled; `cancel` is harmless when it has fired already. */
export type Timer = {
  cancel(): void
  /** Lets the process end although this is still scheduled; clocks without a process have none. */
  unref?(): void
}

/** The injected clock. */
export interface Clock {
  /** Wall-clock time, for stamps and due times; may jump. */
  wall(): Nanoseconds
  /** A reading that never goes back, in milliseconds, for durations. */
  monotonicMs(): number
  /** Calls back once, after at least `delayMs` milliseconds. */
  after(delayMs: number, callback: () => void): Timer
}

/** Nanoseconds in a millisecond. */
export const NANOSECONDS_PER_MS = 1_000_000n

/** The clock of this machine. */
export function systemClock(): Clock {
  // The global is a getter that every reading would pay for.
  const { performance } = globalThis
  return {
    wall: () => BigInt(Date.now()) * NANOSECONDS_PER_MS,
    monotonicMs: () => performance.now(),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, Math.min(delayMs, LONGEST_TIMER_MS))
      return { cancel: () => clearTimeout(timer), unref: () => timer.unref() }
    },
  }
}

/** The longest delay a timer of this platform can hold; later ones fire early and are re-armed. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1
