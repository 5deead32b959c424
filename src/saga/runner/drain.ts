/** Lets executions that are at work go on for a while before their runner stops. */
import type { Clock } from '../../clock.ts'
import type { Changes } from './changes.ts'
import type { LiveExecution } from './live-execution.ts'
import { occupationOf } from './standing.ts'

/** Resolves when none of them is at work, or when the time, in milliseconds, is up. */
export async function drain(
  live: ReadonlyMap<string, LiveExecution>,
  changes: Changes,
  bounds: { readonly clock: Clock; readonly drainMs: number },
): Promise<void> {
  let isOver = false
  const timer = bounds.clock.after(bounds.drainMs, () => {
    isOver = true
    changes.tell()
  })
  while (!isOver && [...live.values()].some(isAtWork)) await changes.next()
  timer.cancel()
}

function isAtWork({ isIdle, state, actions }: LiveExecution): boolean {
  return !isIdle || state === undefined || occupationOf(state, actions).kind === 'works'
}
