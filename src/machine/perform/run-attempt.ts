/**
 * Calls an author's function once, and answers in any case.
 *
 * 1. Whatever the function throws, returns or rejects with ends as an ending: nothing escapes, no
 *    rejection stays unhandled.
 * 2. When its time is up it is told to stop; what does not stop is given up after a grace period. An
 *    ending that comes after that is told by itself.
 * 3. No timer and no listener outlives the attempt.
 */
import { isPromise } from '../../awaitable.ts'
import type { Clock, Timer } from '../../clock.ts'
import { LONGEST_TIMER_MS } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { StopSignal } from './stop-signal.ts'

/** How an attempt ended. */
export type Ending =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** It was told to stop, and threw then: `why` is what it was told. */
  | { readonly kind: 'stopped'; readonly why: unknown; readonly error: unknown }
  /** It was told to stop, did not, and may still be running. */
  | { readonly kind: 'abandoned'; readonly why: unknown }

/** What bounds an attempt. */
export type AttemptBounds = {
  readonly clock: Clock
  readonly stop: StopSignal
  /** Milliseconds until it is told to stop. Default: none. */
  readonly timeoutMs?: number | undefined
  /** Milliseconds after which one that does not stop is given up. */
  readonly abandonAfterMs: number
  /** Hears of an ending that came after it was given up. */
  readonly onLate?: ((ending: Ending) => void) | undefined
}

/** Calls the function; answers at once when the function does. */
export function runAttempt(call: () => unknown, bounds: AttemptBounds): Ending | Promise<Ending> {
  let value: unknown
  try {
    value = call()
    if (!isPromise(value)) return { kind: 'returned', value }
  } catch (error) {
    return thrown(error, bounds.stop)
  }
  const pending: PromiseLike<unknown> = value
  // A thenable of an author may throw, answer twice, or never: a promise of ours does not.
  return wait(new Promise((resolve) => resolve(pending)), bounds)
}

function wait(promise: Promise<unknown>, bounds: AttemptBounds): Promise<Ending> {
  const { clock, stop, timeoutMs, abandonAfterMs, onLate } = bounds
  return new Promise<Ending>((resolve) => {
    let isOver = false
    let timer: Timer | undefined
    const finish = (ending: Ending): void => {
      if (isOver) return onLate?.(ending)
      isOver = true
      timer?.cancel()
      stop.onStop(undefined)
      resolve(ending)
    }
    const startGrace = (): void => {
      timer?.cancel()
      timer = armed(
        clock,
        abandonAfterMs,
        (next) => (timer = next),
        () => {
          finish({ kind: 'abandoned', why: stop.reason })
        },
      )
    }
    if (timeoutMs !== undefined && timeoutMs !== Infinity) {
      timer = armed(
        clock,
        timeoutMs,
        (next) => (timer = next),
        () => {
          const details = { timeout_ms: timeoutMs }
          stop.stop(codedError('ATTEMPT_TIMED_OUT', { details }))
        },
      )
    }
    stop.onStop(startGrace)
    promise.then(
      (value) => finish({ kind: 'returned', value }),
      (error: unknown) => finish(thrown(error, stop)),
    )
  })
}

function thrown(error: unknown, stop: StopSignal): Ending {
  return stop.isStopped ? { kind: 'stopped', why: stop.reason, error } : { kind: 'threw', error }
}

/** A timer for longer than the platform's longest one is waited for in parts. */
function armed(
  clock: Clock,
  delayMs: number,
  renew: (timer: Timer) => void,
  fire: () => void,
): Timer {
  const part = Math.min(delayMs, LONGEST_TIMER_MS)
  const rest = delayMs - part
  return clock.after(part, () => (rest > 0 ? renew(armed(clock, rest, renew, fire)) : fire()))
}
