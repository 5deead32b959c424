/** Trying again: policies that run an operation, and what each kind of failure is worth. */
import { type AbortOptions, sleep, throwIfAborted } from '../abort.ts'
import { type Clock, systemClock } from '../clock.ts'
import { CodedError } from '../errors.ts'
import { CommandRejectedError, dispositionOfError } from '../errors/client-error.ts'
import { type Random, systemRandom } from '../identity.ts'
import { invalidField } from './invalid-field.ts'

/** What may end a run of attempts early. */
export type RetryRunOptions = Pick<AbortOptions, 'signal'>

/** Runs an operation, again when it fails (Angzarr client: `RetryPolicy`). */
export abstract class RetryPolicy {
  /**
   * Runs the operation until it succeeds or the policy gives up; rejects with the last error as it
   * is.
   *
   * @throws CodedError `ABORTED` when the signal aborts between two attempts
   */
  abstract execute<T>(operation: () => T | PromiseLike<T>, options?: RetryRunOptions): Promise<T>
}

/** Options of {@link ExponentialBackoffRetry}. */
export type ExponentialBackoffOptions = {
  /** Wait before the second attempt, in milliseconds. Default 100. */
  readonly minDelayMs?: number | undefined
  /** Longest wait, in milliseconds. Default 5000. */
  readonly maxDelayMs?: number | undefined
  /** Attempts in all, the first included. Default 10. */
  readonly maxAttempts?: number | undefined
  /** Shorten every wait by a random part of up to half. Default true. */
  readonly jitter?: boolean | undefined
  /** Told before every wait: the number of the failed attempt, from 0, and its error. */
  readonly onRetry?: ((attempt: number, error: unknown) => void) | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Default: the randomness of this machine. */
  readonly random?: Random | undefined
}

// 2^30 of any useful delay lies beyond every cap; a higher power would only lose precision.
const DOUBLINGS_MAX = 30

/**
 * Doubles the wait from attempt to attempt, up to a cap (Angzarr client:
 * `ExponentialBackoffRetry`). Every error is tried again; choose with {@link isRetryable} what is
 * thrown out of the operation.
 */
export class ExponentialBackoffRetry extends RetryPolicy {
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly maxAttempts: number
  readonly jitter: boolean
  readonly onRetry: ((attempt: number, error: unknown) => void) | undefined
  readonly #clock: Clock
  readonly #random: Random

  /** @throws InvalidArgumentError `INVALID_ARGUMENT` for a delay or a number that makes no sense */
  constructor(options: ExponentialBackoffOptions = {}) {
    super()
    this.minDelayMs = checkDelay('minDelayMs', options.minDelayMs ?? 100)
    this.maxDelayMs = checkDelay('maxDelayMs', options.maxDelayMs ?? 5000)
    this.maxAttempts = checkAttempts(options.maxAttempts ?? 10)
    this.jitter = options.jitter ?? true
    this.onRetry = options.onRetry
    this.#clock = options.clock ?? systemClock()
    this.#random = options.random ?? systemRandom()
  }

  /** The wait after an attempt, counted from 0, in milliseconds. */
  delayMs(attempt: number): number {
    const full = Math.min(this.minDelayMs * 2 ** Math.min(attempt, DOUBLINGS_MAX), this.maxDelayMs)
    return this.jitter ? full * (0.5 + this.#random.fraction() / 2) : full
  }

  override async execute<T>(
    operation: () => T | PromiseLike<T>,
    options: RetryRunOptions = {},
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      throwIfAborted(options.signal)
      try {
        return await operation()
      } catch (error) {
        if (attempt + 1 >= this.maxAttempts) throw error
        this.onRetry?.(attempt, error)
      }
      await sleep(this.delayMs(attempt), this.#clock, options.signal)
    }
  }
}

/** The standard policy (Angzarr client: `default_retry_policy`): 100 ms to 5 s, 10 attempts, jitter. */
export function defaultRetryPolicy(): RetryPolicy {
  return new ExponentialBackoffRetry()
}

/** What a failure is worth: nothing, another try at once, after a wait, or after a fresh look. */
export type Retryability = 'no' | 'immediate' | 'backoff' | 'afterRefresh'

/**
 * What another try of the same call is worth after an error.
 *
 * - `immediate`: the coordinator could not be reached
 * - `backoff`: it could not do it now, or whether it did is not known
 * - `afterRefresh`: the state forbade it; read again, decide again
 * - `no`: the answer will not change, or the error came from no coordinator
 */
export function isRetryable(error: unknown): Retryability {
  if (!(error instanceof CodedError)) return 'no'
  const status = error.grpcStatus
  const disposition = dispositionOfError(error)
  if (disposition === 'halt') return 'no'
  if (status === 'FAILED_PRECONDITION') return 'afterRefresh'
  if (disposition === 'reject' || error instanceof CommandRejectedError) return 'no'
  return status === 'UNAVAILABLE' ? 'immediate' : 'backoff'
}

function checkDelay(field: string, ms: number): number {
  if (ms >= 0 && Number.isFinite(ms)) return ms
  throw invalidField({ field, input: ms, hint: 'a finite number of milliseconds, 0 or more' })
}

function checkAttempts(attempts: number): number {
  if (attempts >= 1) return attempts
  throw invalidField({ field: 'maxAttempts', input: attempts, hint: '1 or more' })
}
