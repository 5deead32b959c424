/** A clock driven by hand: nothing passes until the test says so. */
import { type Clock, type Nanoseconds, NANOSECONDS_PER_MS, type Timer } from '../clock.ts'

/** What a test may do to its clock. */
export interface FakeClock extends Clock {
  /** Lets time pass; timers fire in the order in which they are due, each at its own time. */
  advance(ms: number): void
  /** The same, but what a timer set in motion gets the event loop before the next one fires. */
  advanceAsync(ms: number): Promise<void>
  /** Sets the wall clock, also back. Timers and durations do not notice. */
  setWall(wall: Nanoseconds): void
  /** How many timers are waiting. */
  readonly timers: number
}

type FakeTimer = { readonly dueMs: number; readonly order: number; readonly callback: () => void }

/** Makes a clock that stands at a wall time; default: 2026-01-01T00:00:00Z. */
export function fakeClock(options: { readonly wall?: Nanoseconds | undefined } = {}): FakeClock {
  const timers = new Set<FakeTimer>()
  let wallAtZero = options.wall ?? NEW_YEAR_2026
  let nowMs = 0
  let order = 0

  const wall = (): Nanoseconds => wallAtZero + BigInt(Math.round(nowMs * 1e6))
  const nextUntil = (untilMs: number): FakeTimer | undefined => {
    let first: FakeTimer | undefined
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue
      if (first === undefined || isBefore(timer, first)) first = timer
    }
    return first
  }
  const fire = (timer: FakeTimer): void => {
    timers.delete(timer)
    nowMs = Math.max(nowMs, timer.dueMs)
    timer.callback()
  }

  return {
    wall,
    monotonicMs: () => nowMs,
    after: (delayMs, callback): Timer => {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, callback }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    advance: (ms) => {
      const untilMs = nowMs + ms
      for (let timer = nextUntil(untilMs); timer !== undefined; timer = nextUntil(untilMs)) {
        fire(timer)
      }
      nowMs = untilMs
    },
    advanceAsync: async (ms) => {
      const untilMs = nowMs + ms
      await turn()
      for (let timer = nextUntil(untilMs); timer !== undefined; timer = nextUntil(untilMs)) {
        fire(timer)
        await turn()
      }
      nowMs = untilMs
    },
    setWall: (to) => {
      wallAtZero = to - BigInt(Math.round(nowMs * 1e6))
    },
    get timers() {
      return timers.size
    },
  }
}

const NEW_YEAR_2026: Nanoseconds = BigInt(Date.UTC(2026, 0, 1)) * NANOSECONDS_PER_MS

function isBefore(one: FakeTimer, other: FakeTimer): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
