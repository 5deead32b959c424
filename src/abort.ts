/**
 * Cancellation: caller signals and deadlines linked into one signal that keeps the first reason, and
 * waits that give up when it aborts. Every listener and timer is released when the work ends.
 */
import { type Clock, LONGEST_TIMER_MS, type Timer } from './clock.ts'
import { CodedError, codedError } from './errors.ts'
import { InvalidArgumentError } from './errors/client-error.ts'

/** What bounds one call. Both are optional; without either the call waits as long as it takes. */
export type AbortOptions = {
  /** Gives the call up when it aborts. What has been stored by then stays stored. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the call is given up with `DEADLINE_EXCEEDED`. Default: no deadline. */
  readonly timeoutMs?: number | undefined
}

/** A signal that follows others; disposing lets go of them and stops the timer. */
export type LinkedSignal = Disposable & { readonly signal: AbortSignal }

/**
 * What to throw for an aborted signal: a coded reason as it is, anything else as the cause of
 * `ABORTED`.
 */
export function abortError(signal: AbortSignal): CodedError {
  const reason: unknown = signal.reason
  return reason instanceof CodedError ? reason : codedError('ABORTED', { cause: reason })
}

/** @throws CodedError `ABORTED`, or the coded reason, when the signal has aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal)
}

/**
 * Links a caller's signal with a deadline. The linked signal aborts with the reason of whichever
 * comes first; a deadline's reason is a CodedError `DEADLINE_EXCEEDED`.
 *
 * @throws InvalidArgumentError `INVALID_ARGUMENT` when `timeoutMs` is negative or no number
 */
export function linkSignals(options: AbortOptions, clock: Clock): LinkedSignal {
  const { signal: outer, timeoutMs } = options
  const controller = new AbortController()
  let timer: Timer | undefined
  const release = (): void => {
    outer?.removeEventListener('abort', follow)
    timer?.cancel()
  }
  const end = (reason: unknown): void => {
    release()
    controller.abort(reason)
  }
  const follow = (): void => end(outer?.reason)
  // A timer of the platform holds 24 days at most, so a longer deadline is waited for in parts.
  const arm = (remainingMs: number, fire: () => void): void => {
    const delayMs = Math.min(remainingMs, LONGEST_TIMER_MS)
    const rest = remainingMs - delayMs
    timer = clock.after(delayMs, () => (rest > 0 ? arm(rest, fire) : fire()))
  }
  if (timeoutMs !== undefined) checkTimeout(timeoutMs)
  if (outer?.aborted === true) {
    controller.abort(outer.reason)
  } else {
    outer?.addEventListener('abort', follow)
    if (timeoutMs !== undefined && timeoutMs !== Infinity) {
      arm(timeoutMs, () => end(deadlineError(timeoutMs)))
    }
  }
  return { signal: controller.signal, [Symbol.dispose]: release }
}

/**
 * Waits for a promise unless the signal aborts first; the promise itself goes on, and what becomes
 * of it then is nobody's concern.
 *
 * @throws CodedError `ABORTED`, or the coded reason of the signal
 */
export async function untilAborted<T>(
  promise: PromiseLike<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(abortError(signal))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([aborted.promise, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * Runs a call under its signal and deadline. The call gets the linked signal; if it does not heed
 * it, the wait ends all the same.
 *
 * @throws CodedError `ABORTED` or `DEADLINE_EXCEEDED`; what the call throws
 */
export async function runBounded<T>(
  options: AbortOptions,
  clock: Clock,
  call: (signal: AbortSignal) => PromiseLike<T>,
): Promise<T> {
  using linked = linkSignals(options, clock)
  throwIfAborted(linked.signal)
  return await untilAborted(call(linked.signal), linked.signal)
}

/**
 * Iterates a stream under its signal and deadline; breaking out ends the stream.
 *
 * @throws CodedError `ABORTED` or `DEADLINE_EXCEEDED`; what the stream throws
 */
export async function* iterateBounded<T>(
  options: AbortOptions,
  clock: Clock,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  using linked = linkSignals(options, clock)
  throwIfAborted(linked.signal)
  const iterator = open(linked.signal)[Symbol.asyncIterator]()
  let finished = false
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), linked.signal)
      if (next.done === true) {
        finished = true
        return
      }
      yield next.value
    }
  } catch (error) {
    finished = true
    // A stream that is stuck in `next` answers `return` only after it, so nobody waits for it here.
    void iterator.return?.().catch(() => undefined)
    throw error
  } finally {
    if (!finished) await iterator.return?.()
  }
}

/** What a call ends with at its deadline: `DEADLINE_EXCEEDED`. */
export function deadlineError(timeoutMs: number): CodedError {
  return codedError('DEADLINE_EXCEEDED', { details: { timeout_ms: timeoutMs } })
}

/** @throws InvalidArgumentError `INVALID_ARGUMENT` when it is negative or no number */
export function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 0) return
  throw new InvalidArgumentError('invalid argument', {
    details: { field: 'timeoutMs', input: timeoutMs },
    hint: 'timeoutMs is a number of milliseconds, 0 or more',
  })
}

/**
 * Waits for a time, unless the signal aborts first; the timer does not outlive the wait.
 *
 * @throws CodedError `ABORTED`, or the coded reason of the signal
 */
export async function sleep(
  delayMs: number,
  clock: Clock,
  signal?: AbortSignal | undefined,
): Promise<void> {
  const woken = Promise.withResolvers<void>()
  const timer = clock.after(delayMs, woken.resolve)
  try {
    await untilAborted(woken.promise, signal)
  } finally {
    timer.cancel()
  }
}
