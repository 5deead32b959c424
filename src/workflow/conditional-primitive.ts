/** Takes one of two ways. TTA.dev's ConditionalPrimitive. */
import { holdsCompensation, noteComposition } from './composition.ts'
import type { BranchCondition } from './branch-condition.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import { executeInMemory } from './run-in-memory.ts'
import { traced } from './traced.ts'
import { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/**
 * Runs `then` when the condition holds, else `otherwise`; without one the input is returned as it
 * is. Condition and branch get the caller's input.
 */
export class ConditionalPrimitive<I, O, E = I> extends InstrumentedPrimitive<I, O | E> {
  readonly #condition: BranchCondition<I>
  readonly #then: Operation<I, O>
  readonly #otherwise: Operation<I, E> | undefined

  /** @throws CodedError `WORKFLOW_INVALID` for what is no condition or no operation */
  constructor(
    condition: BranchCondition<I>,
    then: Operation<I, O>,
    otherwise?: Operation<I, E> | null | undefined,
    name?: string,
  ) {
    super(name)
    if (typeof condition !== 'function') {
      throw workflowInvalid('condition', 'a function', condition)
    }
    checkOperation('then', then)
    if (otherwise !== undefined && otherwise !== null) checkOperation('otherwise', otherwise)
    this.#condition = condition
    this.#then = then
    this.#otherwise = otherwise ?? undefined
    const operations = this.#otherwise === undefined ? [then] : [then, this.#otherwise]
    noteWrapped(this, operations)
    noteComposition(this, { kind: 'conditional', name: this.name, condition, operations })
  }

  override execute(input: I, context: WorkflowContext = new WorkflowContext()): Promise<O | E> {
    if (holdsCompensation(this)) return executeInMemory<I, O | E>(this, input, context)
    return super.execute(input, context)
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O | E> {
    context.checkpoint('conditional.start')
    try {
      context.checkpoint('conditional.condition_eval.start')
      const holds = Boolean(await this.#condition(input, context))
      context.checkpoint('conditional.condition_eval.end')
      const branch = holds ? this.#then : this.#otherwise
      // Without a branch for it the input is the output: E is I then.
      if (branch === undefined) return input as unknown as E
      const name = holds ? 'then' : 'else'
      return await traced<O | E>(
        context,
        `conditional.branch_${name}`,
        () => ({ 'branch.name': name, 'branch.condition_result': holds }),
        (within) => runOperation<I, O | E>(branch, input, within),
      )
    } finally {
      context.checkpoint('conditional.end')
    }
  }
}

/** See {@link ConditionalPrimitive}. */
export function conditional<I, O, E = I>(options: {
  readonly if: BranchCondition<I>
  readonly then: Operation<I, O>
  readonly else?: Operation<I, E> | undefined
  readonly name?: string | undefined
}): ConditionalPrimitive<I, O, E> {
  return new ConditionalPrimitive<I, O, E>(options.if, options.then, options.else, options.name)
}
