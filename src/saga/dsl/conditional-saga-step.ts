/** A step that takes one of several branches. */
import { EmptySagaStepError, MultipleElseThenError } from '../errors/definition-errors.ts'
import { ElseThenAlternative, IfThenAlternative } from './alternative.ts'
import type { ConditionCallback } from './callbacks.ts'
import type { SagaOperation } from './saga-operation.ts'
import { SagaStep } from './saga-step.ts'
import type { SlotOptions } from './slot.ts'
import { checkStepOptions, type NamedStepOptions, OPTION_NAMES } from './step-options.ts'

/** The branches of a conditional step, when it is made by itself. */
export type ConditionalStepSlots = {
  /** One alternative, or several in order. */
  readonly ifThen?: IfThenAlternative<never> | readonly IfThenAlternative<never>[] | undefined
  readonly elseThen?: ElseThenAlternative | undefined
}

/**
 * A conditional step (Minos saga: `ConditionalSagaStep`). The first branch whose condition holds is
 * taken; else the other one; without any the context stays as it is. Conditions are evaluated once.
 */
export class ConditionalSagaStep<
  Context extends object = Record<string, unknown>,
> extends SagaStep {
  readonly kind = 'conditional'
  readonly #ifThen: IfThenAlternative<never>[] = []
  #elseThen: ElseThenAlternative | undefined

  /** @throws CodedError `SAGA_OPTION_INVALID`, `SAGA_STEP_NAME_INVALID` */
  constructor(slots: ConditionalStepSlots & NamedStepOptions = {}) {
    const { ifThen = [], elseThen, ...options } = slots
    checkStepOptions(options, OPTION_NAMES.named)
    super(options)
    this.#ifThen.push(...(ifThen instanceof IfThenAlternative ? [ifThen] : ifThen))
    this.#elseThen = elseThen
  }

  get ifThenAlternatives(): readonly IfThenAlternative<never>[] {
    return this.#ifThen
  }

  get elseThenAlternative(): ElseThenAlternative | undefined {
    return this.#elseThen
  }

  /** One more branch, behind those that are there. */
  ifThen(
    condition: ConditionCallback<Context> | SagaOperation | IfThenAlternative<Context>,
    saga?: object,
    options: SlotOptions = {},
  ): this {
    this.refuseCommitted()
    const isReady = condition instanceof IfThenAlternative
    const alternative = isReady ? condition : new IfThenAlternative(condition, saga ?? {}, options)
    this.#ifThen.push(alternative)
    return this
  }

  /** The branch taken when no condition holds. @throws MultipleElseThenError the second time */
  elseThen(saga: object): this {
    this.refuseCommitted()
    if (this.#elseThen !== undefined) throw new MultipleElseThenError()
    this.#elseThen = saga instanceof ElseThenAlternative ? saga : new ElseThenAlternative(saga)
    return this
  }

  override validate(): void {
    if (this.#ifThen.length === 0 && this.#elseThen === undefined) throw new EmptySagaStepError()
    for (const alternative of this.#ifThen) alternative.validate()
    this.#elseThen?.validate()
  }

  override derivedName(): undefined {}

  override hasUndo(): boolean {
    return false
  }

  override equals(other: unknown): boolean {
    if (!(other instanceof ConditionalSagaStep)) return false
    const others = other.ifThenAlternatives
    return (
      others.length === this.#ifThen.length &&
      this.#ifThen.every((alternative, index) => alternative.equals(others[index])) &&
      (this.#elseThen?.equals(other.elseThenAlternative) ?? other.elseThenAlternative === undefined)
    )
  }
}
