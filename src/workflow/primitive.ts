/** The base of workflows: a primitive, and the functions that are accepted wherever one is. */
import type { Awaitable } from '../awaitable.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** Something that turns an `I` into an `O`. TTA.dev's WorkflowPrimitive. */
export interface Primitive<I, O> {
  /** How metrics, spans and reports call it. */
  readonly name: string
  /**
   * Runs it once. It never changes its input; what it throws reaches the caller as it is.
   *
   * @param context default: a new one
   */
  execute(input: I, context?: WorkflowContext): Promise<O>
}

/** An operation as a function, asynchronous or not. */
export type OperationFunction<I, O> = (input: I, context: WorkflowContext) => O | PromiseLike<O>

/** Whatever can be run: a function or a primitive. */
export type Operation<I, O> = OperationFunction<I, O> | Primitive<I, O>

/** Runs an operation. What a function throws at once is thrown at once. */
export function runOperation<I, O>(
  operation: Operation<I, O>,
  input: I,
  context: WorkflowContext,
): Awaitable<O> {
  return typeof operation === 'function'
    ? operation(input, context)
    : operation.execute(input, context)
}

/** Notes which operations a primitive runs; for names, and for what they hide. */
export function noteWrapped(
  primitive: object,
  operations: readonly Operation<never, unknown>[],
): void {
  wrapped.set(primitive, operations)
}

/** The operations that a primitive runs; none for functions and for primitives of others. */
export function wrappedBy(operation: object): readonly Operation<never, unknown>[] {
  return wrapped.get(operation) ?? []
}

/**
 * The name of an operation in metrics and logs: a function's own; of a primitive that wraps others,
 * the innermost first one's; else the primitive's. The empty string when it has none.
 */
export function nameOfOperation(operation: Operation<never, unknown>): string {
  if (typeof operation === 'function') return operation.name
  const [first] = wrappedBy(operation)
  return (first === undefined ? '' : nameOfOperation(first)) || operation.name
}

/** Whether a value can be run. */
export function isOperation(value: unknown): value is Operation<never, unknown> {
  if (typeof value === 'function') return true
  return (
    typeof value === 'object' &&
    value !== null &&
    'execute' in value &&
    typeof value.execute === 'function'
  )
}

/** @throws CodedError `WORKFLOW_INVALID` unless it can be run */
export function checkOperation(field: string, value: unknown): void {
  if (!isOperation(value)) {
    throw workflowInvalid(field, 'a function or a primitive', value === null ? 'null' : value)
  }
}

const wrapped = new WeakMap<object, readonly Operation<never, unknown>[]>()
