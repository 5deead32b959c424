/** A clock that only the test moves. */
import { type Clock, NANOSECONDS_PER_MS } from './clock.ts'

/** A clock at 0 until `advance` moves it; timers fire in the order of their due times. */
export type HandClock = Clock & {
  advance(ms: number): Promise<void>
  /** Delays asked for, in the order they were asked for. */
  readonly delaysMs: readonly number[]
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number
}

export function handClock(): HandClock {
  let nowMs = 0
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  const delaysMs: number[] = []
  return {
    delaysMs,
    get pending() {
      return timers.size
    },
    wall: () => BigInt(Math.round(nowMs)) * NANOSECONDS_PER_MS,
    monotonicMs: () => nowMs,
    after: (delayMs, callback) => {
      const timer = { dueMs: nowMs + delayMs, callback }
      timers.add(timer)
      delaysMs.push(delayMs)
      return { cancel: () => void timers.delete(timer) }
    },
    advance: async (ms) => {
      const until = nowMs + ms
      for (;;) {
        await settle()
        const due = [...timers].sort((a, b) => a.dueMs - b.dueMs)[0]
        if (due === undefined || due.dueMs > until) break
        nowMs = due.dueMs
        timers.delete(due)
        due.callback()
      }
      nowMs = until
      await settle()
    },
  }
}

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
