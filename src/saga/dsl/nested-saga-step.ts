/** A step that runs another definition as an execution of its own. */
import { EXECUTABLE, type Runnable } from '../../machine/bindings.ts'
import { SagaStep } from './saga-step.ts'
import {
  checkStepOptions,
  OPTION_NAMES,
  optionError,
  type TimedStepOptions,
} from './step-options.ts'

/** Options of a step that runs another saga. */
export type NestedStepOptions = TimedStepOptions

/**
 * A saga within a saga: an execution of its own, with its own journal, outcomes and work items, started
 * with a copy of the context. What it leaves replaces the context. When the saga around it fails, it is
 * undone like a step.
 */
export class NestedSagaStep extends SagaStep {
  readonly kind = 'saga'
  readonly definition: Runnable<never, unknown>

  /** @throws CodedError `SAGA_OPTION_INVALID` for what is no definition with a name */
  constructor(definition: Runnable<never, unknown>, options: NestedStepOptions = {}) {
    checkStepOptions(options, OPTION_NAMES.timed)
    super(options)
    if (!isRunnable(definition)) {
      throw optionError('definition', definition, 'Give a committed saga.')
    }
    this.definition = definition
  }

  override validate(): void {}

  override derivedName(): string {
    return this.definition.name
  }

  override hasUndo(): boolean {
    return false
  }

  override equals(other: unknown): boolean {
    return other instanceof NestedSagaStep && other.definition === this.definition
  }
}

function isRunnable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return EXECUTABLE in value && 'name' in value && typeof value.name === 'string'
}
