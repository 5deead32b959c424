/** A function as a primitive, and anything under a name of its own. */
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'

/**
 * Runs an operation, observed under a name. TTA.dev's LambdaPrimitive and ObservablePrimitive. It is
 * rarely needed: functions are accepted wherever primitives are.
 */
export class FunctionPrimitive<I, O> extends InstrumentedPrimitive<I, O> {
  readonly #operation: Operation<I, O>

  /**
   * @param name default: the name of the function
   * @throws CodedError `WORKFLOW_INVALID` for what is no operation
   */
  constructor(operation: Operation<I, O>, name?: string) {
    super(name ?? (operation?.name || undefined))
    checkOperation('operation', operation)
    this.#operation = operation
    noteWrapped(this, [operation])
  }

  protected override run(input: I, context: WorkflowContext): O | PromiseLike<O> {
    return runOperation(this.#operation, input, context)
  }
}

/** A function, asynchronous or not, as a primitive with `pipe` and `and`. */
export function fromFunction<I, O>(
  operation: Operation<I, O>,
  name?: string,
): FunctionPrimitive<I, O> {
  return new FunctionPrimitive(operation, name)
}

/** An operation observed under a name of its own. It always runs, whoever observes. */
export function observed<I, O>(operation: Operation<I, O>, name: string): FunctionPrimitive<I, O> {
  return new FunctionPrimitive(operation, name)
}
