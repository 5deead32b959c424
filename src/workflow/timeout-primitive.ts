/** Gives an operation a limited time. Document 003's TimeoutPrimitive. */
import { linkSignals } from '../abort.ts'
import { CodedError } from '../errors.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import { holdsCompensation } from './composition.ts'
import { settledWithin } from './settled-within.ts'
import { WorkflowTimeoutError } from './workflow-timeout-error.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { checkNumber } from './workflow-invalid.ts'

/** See the fields. */
export type TimeoutOptions<I, F> = {
  readonly name?: string | undefined
  /** Milliseconds, above 0. Document 003 counts seconds. */
  readonly timeoutMs: number
  /** Runs with the same input when the time is up, in place of the error. */
  readonly fallback?: Operation<I, F> | undefined
  /** Whether `state.timeout_count` and `state.timeout_history` are kept. Default: true. */
  readonly trackTimeouts?: boolean | undefined
  /**
   * Milliseconds that the operation gets, once its signal has aborted, to end; one that does not is
   * left behind. What it returns within them still counts. Default: 50, or as long as it takes for
   * workflows, which roll themselves back first.
   */
  readonly abandonAfterMs?: number | undefined
}

/** A timeout as `state.timeout_history` lists it. */
export type TimeoutRecord = {
  readonly primitive: string
  readonly timeoutMs: number
  readonly hadFallback: boolean
}

/**
 * Runs an operation with a signal that aborts when its time is up. Then the fallback runs, or
 * `WORKFLOW_TIMEOUT` is thrown: whether the operation happened is not known.
 */
export class TimeoutPrimitive<I, O, F = never> extends InstrumentedPrimitive<I, O | F> {
  readonly #operation: Operation<I, O>
  readonly #options: TimeoutOptions<I, F>

  /** @throws CodedError `WORKFLOW_INVALID` for what is no operation, or no sensible number */
  constructor(operation: Operation<I, O>, options: TimeoutOptions<I, F>) {
    super(options.name)
    checkOperation('operation', operation)
    if (options.fallback !== undefined) checkOperation('fallback', options.fallback)
    checkNumber('timeoutMs', options.timeoutMs, 0, true)
    checkNumber('abandonAfterMs', options.abandonAfterMs ?? 50, 0)
    this.#operation = operation
    this.#options = options
    const { fallback } = options
    noteWrapped(this, fallback === undefined ? [operation] : [operation, fallback])
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O | F> {
    const { timeoutMs, fallback } = this.#options
    using linked = linkSignals({ signal: context.signal, timeoutMs }, context.clock)
    const { signal } = linked
    const work = started(() => runOperation(this.#operation, input, context.withSignal(signal)))
    const late = Promise.withResolvers<void>()
    const onAbort = (): void => late.resolve()
    signal.addEventListener('abort', onAbort)
    let error: unknown
    try {
      await Promise.race([work, late.promise])
      if (!isExpired(signal, context)) return await work
      if (await this.#endsLate(work, context)) return await work
    } catch (thrown) {
      if (!isExpired(signal, context)) throw thrown
      error = thrown
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    this.#track(context)
    if (fallback !== undefined) return await runOperation(fallback, input, context)
    throw new WorkflowTimeoutError({ timeoutMs, primitive: this.name, cause: error })
  }

  async #endsLate(work: Promise<O>, context: WorkflowContext): Promise<boolean> {
    const { abandonAfterMs = holdsCompensation(this.#operation) ? Infinity : 50 } = this.#options
    if (await settledWithin(work, abandonAfterMs, context.clock)) return true
    context.step?.abandon(this.name)
    work.then(
      () => this.#reportLate(context, 'completed'),
      () => this.#reportLate(context, 'failed'),
    )
    return false
  }

  #reportLate(context: WorkflowContext, outcome: 'completed' | 'failed'): void {
    context.telemetry.log({
      event: 'timeout_late_result',
      primitive: this.name,
      outcome,
      correlation_id: context.correlationId,
      level: 'warn',
    })
  }

  #track(context: WorkflowContext): void {
    if (this.#options.trackTimeouts === false) return
    const { state } = context
    const record: TimeoutRecord = {
      primitive: this.name,
      timeoutMs: this.#options.timeoutMs,
      hadFallback: this.#options.fallback !== undefined,
    }
    const { timeout_count: count, timeout_history: history } = state
    state['timeout_count'] = (typeof count === 'number' ? count : 0) + 1
    state['timeout_history'] = [...(Array.isArray(history) ? (history as unknown[]) : []), record]
  }
}

/** See {@link TimeoutPrimitive}. */
export function timeout<I, O, F = never>(
  operation: Operation<I, O>,
  options: TimeoutOptions<I, F>,
): TimeoutPrimitive<I, O, F> {
  return new TimeoutPrimitive(operation, options)
}

/** The time is up, and it was this primitive's, not a cancellation from outside. */
function isExpired(signal: AbortSignal, context: WorkflowContext): boolean {
  const reason: unknown = signal.reason
  return (
    signal.aborted &&
    !context.isAborted &&
    reason instanceof CodedError &&
    reason.code === 'DEADLINE_EXCEEDED'
  )
}

async function started<T>(work: () => T | PromiseLike<T>): Promise<T> {
  return await work()
}
