/** The branches of a conditional step: committed sagas over the context of the saga they stand in. */
import type { ConditionCallback } from './callbacks.ts'
import type { CallbackOrOperation, SagaOperation } from './saga-operation.ts'
import { isSaga, type StepOwner } from './saga-step.ts'
import { operationOf, type SlotOptions } from './slot.ts'
import { optionError } from './step-options.ts'

/** A branch with the condition under which it is taken (Minos saga: `IfThenAlternative`). */
export class IfThenAlternative<Context extends object = Record<string, unknown>> {
  readonly condition: SagaOperation
  readonly saga: StepOwner

  /** @throws CodedError `SAGA_OPTION_INVALID` for what is no saga, or no function */
  constructor(
    condition: ConditionCallback<Context> | SagaOperation,
    saga: object,
    options: SlotOptions = {},
  ) {
    this.condition = operationOf(condition as CallbackOrOperation, options)
    this.saga = sagaIn('saga', saga)
  }

  /** @throws SagaError what is wrong with its saga */
  validate(): void {
    this.saga.validate()
  }

  /** Whether the other one has an equal condition and the same saga. */
  equals(other: unknown): boolean {
    return (
      other instanceof IfThenAlternative &&
      other.condition.equals(this.condition) &&
      other.saga === this.saga
    )
  }
}

/** The branch taken when no condition holds (Minos saga: `ElseThenAlternative`). */
export class ElseThenAlternative {
  readonly saga: StepOwner

  /** @throws CodedError `SAGA_OPTION_INVALID` for what is no saga */
  constructor(saga: object) {
    this.saga = sagaIn('saga', saga)
  }

  /** @throws SagaError what is wrong with its saga */
  validate(): void {
    this.saga.validate()
  }

  /** Whether the other one has the same saga. */
  equals(other: unknown): boolean {
    return other instanceof ElseThenAlternative && other.saga === this.saga
  }
}

/** @throws CodedError `SAGA_OPTION_INVALID` for what is no saga */
export function sagaIn(option: string, value: unknown): StepOwner {
  if (isSaga(value)) return value
  throw optionError(option, value, 'A branch is a Saga, committed.')
}
