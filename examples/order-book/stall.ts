/**
 * Notices that orders can no longer end: a component is halted, or waits behind a dead letter. The
 * run then goes on to its audit, which says what is left open and why.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Business } from './business.ts'

/** Looks now and then until it is disposed. */
export interface Stall extends Disposable {
  /** Aborted when nothing moves any more. */
  readonly signal: AbortSignal
  /** Resolves then. */
  readonly seen: Promise<void>
}

/** Looks every so often: something is blocked, and no event has come since the last look. */
export function watchForStall(
  {
    blocked,
    books,
  }: Pick<Business, 'blocked'> & { readonly books: Pick<Business['books'], 'tally'> },
  lookEveryMs = 2000,
): Stall {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const over = new AbortController()
  const look = async (): Promise<void> => {
    for (let events = -1; ; events = books.tally.events) {
      await sleep(lookEveryMs, undefined, { signal: over.signal })
      const still = books.tally.events === events
      if (still && (await blocked()) && books.tally.events === events) break
    }
    controller.abort()
    resolve()
  }
  // It ends when nobody looks any more, and with whoever cannot be asked.
  look().catch(() => undefined)
  return {
    signal: controller.signal,
    seen: promise,
    [Symbol.dispose]: () => over.abort(),
  }
}
