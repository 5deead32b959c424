/** Runs something else when an operation fails. Document 003's FallbackPrimitive. */
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import { traced } from './traced.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** See the fields. */
export type FallbackOptions = {
  readonly name?: string | undefined
  /** Whether an error of the primary lets the fallbacks run. Default: every error does. */
  readonly fallbackIf?: ((error: unknown) => boolean) | undefined
}

/**
 * Runs the primary; when it fails, the fallbacks one after the other until one succeeds, each with
 * the same input and context. When all fail, the primary's error is thrown as it is; what the
 * fallbacks threw is found with {@link fallbackErrorsOf}. A cancelled run falls back to nothing.
 */
export class FallbackPrimitive<I, O, F = O> extends InstrumentedPrimitive<I, O | F> {
  readonly #primary: Operation<I, O>
  readonly #fallbacks: readonly Operation<I, F>[]
  readonly #options: FallbackOptions

  /** @throws CodedError `WORKFLOW_INVALID` for what is no operation, or an empty list */
  constructor(
    primary: Operation<I, O>,
    fallback: Operation<I, F> | readonly Operation<I, F>[],
    options: FallbackOptions = {},
  ) {
    super(options.name)
    checkOperation('primary', primary)
    const fallbacks: readonly Operation<I, F>[] = isList(fallback) ? [...fallback] : [fallback]
    if (fallbacks.length === 0) throw workflowInvalid('fallback', 'at least one operation')
    fallbacks.forEach((each, i) => checkOperation(`fallback[${i}]`, each))
    this.#primary = primary
    this.#fallbacks = fallbacks
    noteWrapped(this, [primary, ...fallbacks])
    this.#options = options
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O | F> {
    context.checkpoint('fallback.start')
    try {
      return await traced(
        context,
        'fallback.primary',
        () => ({ 'fallback.execution': 'primary' }),
        (within) => runOperation(this.#primary, input, within),
      )
    } catch (error) {
      if (context.isAborted || this.#options.fallbackIf?.(error) === false) throw error
      return await this.#fallBack(input, context, error)
    } finally {
      context.checkpoint('fallback.end')
    }
  }

  async #fallBack(input: I, context: WorkflowContext, error: unknown): Promise<F> {
    const errors: unknown[] = []
    for (const fallback of this.#fallbacks) {
      try {
        return await traced(
          context,
          'fallback.fallback',
          () => ({
            'fallback.execution': 'fallback',
            'fallback.primary_error': context.telemetry.describe(error).message,
          }),
          (within) => runOperation(fallback, input, within),
        )
      } catch (another) {
        errors.push(another)
        if (context.isAborted) break
      }
    }
    if (typeof error === 'object' && error !== null) fallbackErrors.set(error, errors)
    throw error
  }
}

/** What the fallbacks threw when everything failed, in order; empty for other errors. */
export function fallbackErrorsOf(error: unknown): readonly unknown[] {
  if (typeof error !== 'object' || error === null) return []
  return fallbackErrors.get(error) ?? []
}

/** See {@link FallbackPrimitive}. */
export function fallback<I, O, F = O>(
  primary: Operation<I, O>,
  ...fallbacks: readonly [Operation<I, F>, ...Operation<I, F>[]]
): FallbackPrimitive<I, O, F> {
  return new FallbackPrimitive(primary, fallbacks)
}

const fallbackErrors = new WeakMap<object, readonly unknown[]>()

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
