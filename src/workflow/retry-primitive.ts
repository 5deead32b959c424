/** Repeats an operation until it succeeds. Document 003's RetryPrimitive. */
import { sleep } from '../abort.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import { RetryStrategy, type RetryStrategyOptions } from './retry-strategy.ts'
import { traced } from './traced.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'

/** See the fields; those of the strategy may be given in place of one. */
export type RetryOptions = RetryStrategyOptions & {
  readonly name?: string | undefined
  /** In place of the single settings. */
  readonly strategy?: RetryStrategy | undefined
  /** Whether an error is worth another try. `attempt` counts from 1. Default: every error is. */
  readonly retryIf?: ((error: unknown, attempt: number) => boolean) | undefined
  /** Told before each pause. */
  readonly onRetry?: ((error: unknown, attempt: number, delayMs: number) => void) | undefined
}

/**
 * Tries an operation `maxRetries + 1` times, each time with the same input and context. The last
 * error is thrown as it is. A cancelled run is not tried again, and its pause ends at once.
 */
export class RetryPrimitive<I, O> extends InstrumentedPrimitive<I, O> {
  readonly strategy: RetryStrategy
  readonly #operation: Operation<I, O>
  readonly #options: RetryOptions

  /** @throws CodedError `WORKFLOW_INVALID` for what is no operation, or no sensible number */
  constructor(operation: Operation<I, O>, options: RetryOptions | RetryStrategy = {}) {
    const given = options instanceof RetryStrategy ? { strategy: options } : options
    super(given.name)
    checkOperation('operation', operation)
    this.#operation = operation
    noteWrapped(this, [operation])
    this.#options = given
    this.strategy = given.strategy ?? new RetryStrategy(given)
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O> {
    const { maxRetries } = this.strategy
    context.checkpoint('retry.start')
    try {
      for (let failed = 0; ; failed++) {
        const attributes = { 'retry.attempt': failed + 1, 'retry.max_attempts': maxRetries + 1 }
        try {
          return await traced(
            context,
            `retry.attempt_${failed}`,
            () => attributes,
            (within) => runOperation(this.#operation, input, within),
          )
        } catch (error) {
          if (failed >= maxRetries || context.isAborted) throw error
          if (this.#options.retryIf?.(error, failed + 1) === false) throw error
          await this.#pause(error, failed, context)
        }
      }
    } finally {
      context.checkpoint('retry.end')
    }
  }

  /** @throws CodedError `ABORTED` when the run is cancelled meanwhile */
  async #pause(error: unknown, failed: number, context: WorkflowContext): Promise<void> {
    const delayMs = this.strategy.delayMs(failed, context.random.fraction())
    this.#options.onRetry?.(error, failed + 1, delayMs)
    context.checkpoint(`retry.backoff_${failed}.start`)
    await sleep(delayMs, context.clock, context.signal)
    context.checkpoint(`retry.backoff_${failed}.end`)
  }
}

/** See {@link RetryPrimitive}. */
export function retry<I, O>(
  operation: Operation<I, O>,
  options?: RetryOptions | RetryStrategy,
): RetryPrimitive<I, O> {
  return new RetryPrimitive(operation, options)
}
