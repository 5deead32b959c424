/** Stops calling what keeps failing, for a while. TTA.dev's CircuitBreakerPrimitive. */
import { CodedError, errorTable } from '../errors.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { checkCount, checkNumber } from './workflow-invalid.ts'

/** Whether calls pass, are refused, or a few are let through to see. */
export type CircuitState = 'closed' | 'open' | 'half_open'

/** See the fields. TTA.dev's CircuitBreakerConfig. */
export type CircuitBreakerOptions = {
  readonly name?: string | undefined
  /** Failures in a row that open it. Default: 5. */
  readonly failureThreshold?: number | undefined
  /** Milliseconds it stays open. Default: 60,000. */
  readonly recoveryTimeoutMs?: number | undefined
  /** Successes that close it again. Default: 2. */
  readonly successThreshold?: number | undefined
  /** Calls let through at a time while it is half open. Default: 1. */
  readonly halfOpenMaxConcurrent?: number | undefined
  /** Which errors count. Others pass through uncounted. Default: every error. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined
}

/** Code `CIRCUIT_OPEN`: the operation was not called. TTA.dev's CircuitBreakerError. */
export class CircuitOpenError extends CodedError<'CIRCUIT_OPEN'> {
  readonly failureCount: number
  /** What the operation threw last. */
  readonly lastError: unknown

  constructor(failureCount: number, lastError: unknown) {
    super(errorTable.CIRCUIT_OPEN.message, {
      code: 'CIRCUIT_OPEN',
      details: { failure_count: failureCount },
      cause: lastError,
    })
    this.failureCount = failureCount
    this.lastError = lastError
  }
}

type Settings = {
  readonly [K in keyof Omit<CircuitBreakerOptions, 'name'>]-?: NonNullable<CircuitBreakerOptions[K]>
}

/**
 * A breaker around an operation. It is shared by all runs that use it, and counts with the clock of
 * the context, which never goes back.
 */
export class CircuitBreakerPrimitive<I, O> extends InstrumentedPrimitive<I, O> {
  readonly #operation: Operation<I, O>
  readonly #options: Settings
  #state: CircuitState = 'closed'
  #failureCount = 0
  #successCount = 0
  #lastError: unknown
  #openedMs = 0
  #probing = 0
  /** Calls that began before the state last changed say nothing about it. */
  #generation = 0

  /** @throws CodedError `WORKFLOW_INVALID` for what is no operation, or no sensible number */
  constructor(operation: Operation<I, O>, options: CircuitBreakerOptions = {}) {
    super(options.name)
    checkOperation('operation', operation)
    this.#operation = operation
    noteWrapped(this, [operation])
    this.#options = {
      failureThreshold: options.failureThreshold ?? 5,
      recoveryTimeoutMs: options.recoveryTimeoutMs ?? 60_000,
      successThreshold: options.successThreshold ?? 2,
      halfOpenMaxConcurrent: options.halfOpenMaxConcurrent ?? 1,
      isFailure: options.isFailure ?? (() => true),
    }
    checkCount('failureThreshold', this.#options.failureThreshold, 1)
    checkNumber('recoveryTimeoutMs', this.#options.recoveryTimeoutMs, 0, true)
    checkCount('successThreshold', this.#options.successThreshold, 1)
    checkCount('halfOpenMaxConcurrent', this.#options.halfOpenMaxConcurrent, 1)
  }

  get state(): CircuitState {
    return this.#state
  }
  /** Failures in a row while closed; those that opened it while it is not. */
  get failureCount(): number {
    return this.#failureCount
  }
  /** Successes since it is half open. */
  get successCount(): number {
    return this.#successCount
  }

  /** Closes it and forgets everything. */
  reset(): void {
    this.#turn('closed')
    this.#failureCount = 0
    this.#lastError = undefined
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O> {
    this.#admit(context)
    const generation = this.#generation
    const isProbe = this.#state === 'half_open'
    if (isProbe) this.#probing++
    try {
      const output = await runOperation(this.#operation, input, context)
      if (generation === this.#generation) this.#succeeded()
      return output
    } catch (error) {
      if (generation === this.#generation && this.#options.isFailure(error)) {
        this.#failed(error, context)
      }
      throw error
    } finally {
      if (isProbe && generation === this.#generation) this.#probing--
    }
  }

  #admit(context: WorkflowContext): void {
    if (this.#state === 'open') {
      const openMs = context.clock.monotonicMs() - this.#openedMs
      if (openMs < this.#options.recoveryTimeoutMs) throw this.#refusal()
      this.#turn('half_open')
    }
    if (this.#state !== 'half_open') return
    if (this.#probing >= this.#options.halfOpenMaxConcurrent) throw this.#refusal()
  }

  #succeeded(): void {
    if (this.#state === 'closed') {
      this.#failureCount = 0
      this.#lastError = undefined
      return
    }
    this.#successCount++
    if (this.#successCount >= this.#options.successThreshold) this.reset()
  }

  #failed(error: unknown, context: WorkflowContext): void {
    this.#lastError = error
    this.#failureCount++
    const opens =
      this.#state === 'half_open' || this.#failureCount >= this.#options.failureThreshold
    if (!opens) return
    this.#turn('open')
    this.#openedMs = context.clock.monotonicMs()
  }

  #turn(state: CircuitState): void {
    this.#state = state
    this.#successCount = 0
    this.#probing = 0
    this.#generation++
  }

  #refusal(): CircuitOpenError {
    return new CircuitOpenError(this.#failureCount, this.#lastError)
  }
}

/** See {@link CircuitBreakerPrimitive}. */
export function circuitBreaker<I, O>(
  operation: Operation<I, O>,
  options?: CircuitBreakerOptions,
): CircuitBreakerPrimitive<I, O> {
  return new CircuitBreakerPrimitive(operation, options)
}
