/** A step that runs several sagas side by side. */
import { EmptySagaStepError } from '../errors/definition-errors.ts'
import { sagaIn } from './alternative.ts'
import { SagaStep, type StepOwner } from './saga-step.ts'
import {
  checkFlag,
  checkStepOptions,
  type NamedStepOptions,
  OPTION_NAMES,
  optionError,
} from './step-options.ts'

/** Options of a parallel step. */
export type ParallelStepOptions = NamedStepOptions & {
  /** Whether the branches are undone side by side, or the last one first. Default: side by side. */
  readonly undo?: 'parallel' | 'in-order' | undefined
  /** Whether the first failure cancels what the other branches are doing. Default: true. */
  readonly abortSiblings?: boolean | undefined
}

/**
 * Branches side by side: committed sagas over the same context, each with a copy of its own. What each
 * changed of it is put together; two branches that change one entry differently fail the step. All of
 * them settle before anything is undone.
 */
export class ParallelSagaStep extends SagaStep {
  readonly kind = 'parallel'
  declare readonly options: ParallelStepOptions
  readonly branches: readonly StepOwner[]

  /** @throws CodedError `SAGA_OPTION_INVALID` for a branch that is no saga */
  constructor(branches: readonly object[], options: ParallelStepOptions = {}) {
    const { undo = 'parallel', abortSiblings = true, ...rest } = options
    checkStepOptions(rest, OPTION_NAMES.named)
    if (undo !== 'parallel' && undo !== 'in-order') throw optionError('undo', undo)
    checkFlag('abortSiblings', abortSiblings)
    if (!Array.isArray(branches)) throw optionError('branches', branches, 'Give a list of sagas.')
    super({ ...rest, undo, abortSiblings } as ParallelStepOptions)
    this.branches = branches.map((branch) => sagaIn('branches', branch))
  }

  override validate(): void {
    if (this.branches.length === 0) throw new EmptySagaStepError()
    for (const branch of this.branches) branch.validate()
  }

  override derivedName(): undefined {}

  override hasUndo(): boolean {
    return false
  }

  override equals(other: unknown): boolean {
    return (
      other instanceof ParallelSagaStep &&
      other.branches.length === this.branches.length &&
      this.branches.every((branch, index) => branch === other.branches[index])
    )
  }
}
