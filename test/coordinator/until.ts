/** Waiting for something that happens in its own time. */
import type { FakeClock } from '../../src/testing/fake-clock.ts'

const TRIES_MAX = 20_000

/** Turns the event loop until something holds; with a clock, a millisecond passes per turn. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  clock?: FakeClock,
): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (await holds()) return
    if (clock === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
    else await clock.advanceAsync(1)
  }
  throw new Error('it never happened')
}
