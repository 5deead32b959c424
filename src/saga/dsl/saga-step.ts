/**
 * What every step of a saga has: a saga it belongs to, options, and the ways to the next step.
 *
 * 1. A step belongs to one saga, and stays with it.
 * 2. Going on from a step validates it first.
 */
import { codedError } from '../../errors.ts'
import type { NamedUndo } from '../../machine/bindings.ts'
import {
  AlreadyCommittedError,
  AlreadyOnSagaError,
  SagaNotDefinedError,
} from '../errors/definition-errors.ts'
import type { Border } from '../messages/border.ts'
import type { AttemptedStepOptions } from './step-options.ts'

/** The kinds of steps; the first part of the name of a step that has none. */
export type StepKind = 'local' | 'remote' | 'conditional' | 'parallel' | 'saga' | 'signal'

/** A saga as its steps know it, and as sagas know the sagas in their branches. */
export interface StepOwner {
  readonly name: string
  readonly version: string
  readonly steps: readonly SagaStep[]
  readonly committed: boolean
  readonly deadlineMs: number | undefined
  readonly isolated: boolean
  readonly continueOnCompensationFailure: boolean
  readonly undos: ReadonlyMap<string, NamedUndo>
  readonly inputBorder: Border | undefined
  localStep(given?: unknown, options?: object): SagaStep
  remoteStep(given?: unknown, options?: object): SagaStep
  conditionalStep(given?: unknown): SagaStep
  parallel(branches: never, options?: object): SagaStep
  sagaStep(definition: never, options?: object): SagaStep
  waitFor(signal: string, receive?: never, options?: object): SagaStep
  validate(): void
  commit(): StepOwner
}

/** A step of a saga (Minos saga: `SagaStep`). */
export abstract class SagaStep {
  abstract readonly kind: StepKind
  /** What was said of the step beside its callbacks. */
  readonly options: AttemptedStepOptions
  #saga: StepOwner | undefined
  #isPivot = false

  constructor(options: AttemptedStepOptions) {
    this.options = options
  }

  /** The saga it belongs to; `undefined` for a step that was not added to one. */
  get saga(): StepOwner | undefined {
    return this.#saga
  }

  /** Whether it is the point of no return. */
  get isPivot(): boolean {
    return this.#isPivot
  }

  /** @internal A name that can be read off what the step does. */
  abstract derivedName(): string | undefined

  /** @internal Whether the author declared an undo. */
  abstract hasUndo(): boolean

  /**
   * Checks that the step is complete.
   *
   * @throws SagaStepError of the kind that says what is missing
   */
  abstract validate(): void

  /** Whether the other one is a step of the same kind with the same callbacks in each slot. */
  abstract equals(other: unknown): boolean

  /** @internal @throws AlreadyOnSagaError for a step that belongs to a saga */
  attachTo(saga: StepOwner): void {
    if (this.#saga !== undefined) {
      throw new AlreadyOnSagaError(undefined, { details: { saga: this.#saga.name } })
    }
    this.#saga = saga
  }

  /** @throws AlreadyCommittedError when its saga is committed */
  protected refuseCommitted(): void {
    if (this.#saga?.committed !== true) return
    throw new AlreadyCommittedError(undefined, { details: { saga: this.#saga.name } })
  }

  /** @throws CodedError `SAGA_UNDO_AFTER_PIVOT` when it stands behind the pivot of its saga */
  protected refuseUndoBehindPivot(): void {
    if (this.#saga === undefined) return
    const pivot = this.#saga.steps.findIndex((each) => each.isPivot)
    if (pivot >= 0 && this.#saga.steps.indexOf(this) > pivot) throw undoAfterPivot(this.#saga.name)
  }

  /** The next step: see `Saga.localStep`. */
  localStep(given?: unknown, options?: object): SagaStep {
    return this.#validated().localStep(given, options)
  }

  /** The next step: see `Saga.remoteStep`. */
  remoteStep(given?: unknown, options?: object): SagaStep {
    return this.#validated().remoteStep(given, options)
  }

  /** The next step: see `Saga.conditionalStep`. */
  conditionalStep(given?: unknown): SagaStep {
    return this.#validated().conditionalStep(given)
  }

  /** The next step: see `Saga.parallel`. */
  parallel(branches: never, options?: object): SagaStep {
    return this.#validated().parallel(branches, options)
  }

  /** The next step: see `Saga.sagaStep`. */
  sagaStep(definition: never, options?: object): SagaStep {
    return this.#validated().sagaStep(definition, options)
  }

  /** The next step: see `Saga.waitFor`. */
  waitFor(signal: string, receive?: never, options?: object): SagaStep {
    return this.#validated().waitFor(signal, receive, options)
  }

  /**
   * Makes the step the point of no return: when it has succeeded nothing is undone any more, and what
   * follows runs forward until it succeeds.
   *
   * @throws CodedError `SAGA_PIVOT_TWICE`, `SAGA_PIVOT_MISPLACED` for a step that cannot be one
   */
  pivot(): this {
    this.refuseCommitted()
    if (this.kind === 'conditional' || this.kind === 'parallel') {
      const hint = 'A local, remote, saga or signal step can be the pivot.'
      throw codedError('SAGA_PIVOT_MISPLACED', { details: { kind: this.kind }, hint })
    }
    if (this.#isPivot || this.#saga?.steps.some((step) => step.isPivot) === true) {
      throw codedError('SAGA_PIVOT_TWICE', { details: { saga: this.#saga?.name ?? '' } })
    }
    if (this.#saga !== undefined) refuseUndoBehind(this, this.#saga)
    this.#isPivot = true
    return this
  }

  /** Commits its saga, which validates the step with all others: see `Saga.commit`. */
  commit(): StepOwner {
    return (this.#saga ?? this.#validated()).commit()
  }

  #validated(): StepOwner {
    this.validate()
    if (this.#saga === undefined) throw new SagaNotDefinedError()
    return this.#saga
  }
}

/** @throws CodedError `SAGA_UNDO_AFTER_PIVOT` when a step behind this one has an undo */
function refuseUndoBehind(pivot: SagaStep, saga: StepOwner): void {
  const behind = saga.steps.slice(saga.steps.indexOf(pivot) + 1)
  if (behind.some((step) => step.hasUndo())) throw undoAfterPivot(saga.name)
}

/** What to throw for an undo behind the pivot. */
export function undoAfterPivot(saga: string): Error {
  const hint = 'What follows the pivot runs forward until it succeeds: leave onFailure out.'
  return codedError('SAGA_UNDO_AFTER_PIVOT', { details: { saga }, hint })
}

const sagas = new WeakSet<object>()

/** @internal Remembers that a value is a saga. */
export function rememberSaga(saga: StepOwner): void {
  sagas.add(saga)
}

/** Whether a value is a saga. */
export function isSaga(value: unknown): value is StepOwner {
  return typeof value === 'object' && value !== null && sagas.has(value)
}
