/**
 * Notices that orders can no longer end: a component is halted, or waits behind a dead letter. The
 * run then goes on to its audit, which says what is left open and why.
 */
import type { Coordinator } from 'amends/coordinator'
import type { Books } from './books.ts'

/** Looks now and then until it is disposed. */
export interface Stall extends Disposable {
  /** Aborted when nothing moves any more. */
  readonly signal: AbortSignal
  /** Resolves then. */
  readonly seen: Promise<void>
}

/** Looks every so often: something is blocked, and no event has come since the last look. */
export function watchForStall(
  coordinator: Pick<Coordinator, 'status'>,
  books: Pick<Books, 'tally'>,
  lookEveryMs = 2000,
): Stall {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  let events = -1
  const timer = setInterval(() => {
    const still = books.tally.events === events
    events = books.tally.events
    const blocked = coordinator
      .status()
      .some(({ parkedKeys, state }) => parkedKeys > 0 || state === 'halted')
    if (!still || !blocked) return
    controller.abort()
    resolve()
  }, lookEveryMs)
  return {
    signal: controller.signal,
    seen: promise,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
