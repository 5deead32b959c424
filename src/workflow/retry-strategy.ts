/** How often a retried operation is tried, and the pauses in between. TTA.dev's RetryStrategy. */
import { checkCount, checkNumber, workflowInvalid } from './workflow-invalid.ts'

/** How pauses grow: not at all, by the first one, or by a factor. */
export type Backoff = 'constant' | 'linear' | 'exponential'

/** See the fields. */
export type RetryStrategyOptions = {
  /** Attempts beyond the first. Default: 3. */
  readonly maxRetries?: number | undefined
  /** Default: `exponential`. */
  readonly backoff?: Backoff | undefined
  /** Milliseconds before the first retry. Default: 1,000. */
  readonly initialDelayMs?: number | undefined
  /** Of `exponential`: what each pause is longer than the one before, at least 1. Default: 2. */
  readonly factor?: number | undefined
  /** No pause is longer, jitter included. Default: 60,000. */
  readonly maxDelayMs?: number | undefined
  /** Stretches each pause by a random factor from 0.5 up to 1.5. Default: true. */
  readonly jitter?: boolean | undefined
}

/** Pauses between attempts. */
export class RetryStrategy {
  readonly maxRetries: number
  readonly backoff: Backoff
  readonly initialDelayMs: number
  readonly factor: number
  readonly maxDelayMs: number
  readonly jitter: boolean

  /** @throws CodedError `WORKFLOW_INVALID` for numbers that make no sense */
  constructor(options: RetryStrategyOptions = {}) {
    this.maxRetries = options.maxRetries ?? 3
    this.backoff = options.backoff ?? 'exponential'
    this.initialDelayMs = options.initialDelayMs ?? 1_000
    this.factor = options.factor ?? 2
    this.maxDelayMs = options.maxDelayMs ?? 60_000
    this.jitter = options.jitter ?? true
    checkCount('maxRetries', this.maxRetries, 0)
    checkNumber('initialDelayMs', this.initialDelayMs, 0)
    checkNumber('factor', this.factor, 1)
    checkNumber('maxDelayMs', this.maxDelayMs, 0)
    if (!BACKOFFS.includes(this.backoff)) {
      throw workflowInvalid('backoff', BACKOFFS.join(' or '), this.backoff)
    }
  }

  /**
   * Milliseconds before the next attempt.
   *
   * @param failed how many attempts have failed, 0 for the first
   * @param random a number from 0 up to 1
   */
  delayMs(failed: number, random: number): number {
    const delayMs = Math.min(this.#grown(failed), this.maxDelayMs)
    return this.jitter ? Math.min(delayMs * (0.5 + random), this.maxDelayMs) : delayMs
  }

  #grown(failed: number): number {
    switch (this.backoff) {
      case 'constant':
        return this.initialDelayMs
      case 'linear':
        return this.initialDelayMs * (failed + 1)
      case 'exponential':
        return this.initialDelayMs * this.factor ** failed
    }
  }
}

const BACKOFFS: readonly Backoff[] = ['constant', 'linear', 'exponential']
