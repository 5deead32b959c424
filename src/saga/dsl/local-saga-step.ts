/** A step that calls a function of this process. */
import type { Awaitable } from '../../awaitable.ts'
import type { AttemptInfo, Probed, UndoInfo } from '../../machine/bindings.ts'
import {
  EmptySagaStepError,
  MultipleOnExecuteError,
  MultipleOnFailureError,
  UndefinedOnExecuteError,
} from '../errors/definition-errors.ts'
import type { LocalCallback, LocalUndo, SagaContextOf } from './callbacks.ts'
import type { SagaOperation } from './saga-operation.ts'
import { SagaStep } from './saga-step.ts'
import { operationOf, sameOperation, type SlotOptions } from './slot.ts'
import {
  type AttemptedStepOptions,
  checkStepOptions,
  OPTION_NAMES,
  optionError,
} from './step-options.ts'

/** Options of a local step over a context of type `Context`. */
export type LocalStepOptions<Context extends object = Record<string, unknown>> =
  AttemptedStepOptions & {
    /**
     * Finds out whether an attempt of unknown outcome happened; asked instead of trying it again. The
     * `output` is the context the step left; nothing keeps the one it got.
     */
    readonly probe?:
      ((context: SagaContextOf<Context>, info: AttemptInfo) => Awaitable<Probed>) | undefined
    /** Undoes the step when it is not known whether it happened. It gets the context the step got. */
    readonly undoUnknown?:
      ((context: SagaContextOf<Context>, info: UndoInfo) => Awaitable<unknown>) | undefined
  }

/** The callbacks of a local step, when it is made by itself. */
export type LocalStepSlots<Context extends object> = {
  readonly onExecute?: LocalCallback<Context> | SagaOperation | undefined
  readonly onFailure?: LocalUndo<Context> | SagaOperation | undefined
}

/**
 * A local step (Minos saga: `LocalSagaStep`). Sagas make their own with `localStep`; one that was made
 * by itself is given to `localStep` or `addStep`.
 */
export class LocalSagaStep<Context extends object = Record<string, unknown>> extends SagaStep {
  readonly kind = 'local'
  declare readonly options: LocalStepOptions<never>
  #onExecute: SagaOperation | undefined
  #onFailure: SagaOperation | undefined

  /** @throws CodedError `SAGA_OPTION_INVALID`, `SAGA_STEP_NAME_INVALID` */
  constructor(slots: LocalStepSlots<Context> & LocalStepOptions<Context> = {}) {
    const { onExecute, onFailure, ...options } = slots
    checkStepOptions(options, [...OPTION_NAMES.attempted, 'probe', 'undoUnknown'])
    super(options)
    if (onExecute !== undefined) this.onExecute(onExecute)
    if (onFailure !== undefined) this.onFailure(onFailure)
  }

  get onExecuteOperation(): SagaOperation | undefined {
    return this.#onExecute
  }

  get onFailureOperation(): SagaOperation | undefined {
    return this.#onFailure
  }

  /** What the step does. @throws MultipleOnExecuteError the second time */
  onExecute(callback: LocalCallback<Context> | SagaOperation, options: SlotOptions = {}): this {
    this.refuseCommitted()
    if (this.#onExecute !== undefined) throw new MultipleOnExecuteError()
    this.#onExecute = operationOf(callback, options)
    return this
  }

  /**
   * What undoes the step.
   *
   * @throws MultipleOnFailureError the second time; CodedError `SAGA_UNDO_AFTER_PIVOT`
   */
  onFailure(callback: LocalUndo<Context> | SagaOperation, options: SlotOptions = {}): this {
    this.refuseCommitted()
    if (this.#onFailure !== undefined) throw new MultipleOnFailureError()
    this.refuseUndoBehindPivot()
    this.#onFailure = operationOf(callback, options)
    return this
  }

  override validate(): void {
    if (this.#onExecute !== undefined) return this.#validateUndo()
    throw this.#onFailure === undefined ? new EmptySagaStepError() : new UndefinedOnExecuteError()
  }

  /** An undo for unknown outcomes alone would leave the known ones. */
  #validateUndo(): void {
    if (this.options.undoUnknown === undefined || this.#onFailure !== undefined) return
    throw optionError(
      'undoUnknown',
      'function',
      'Declare onFailure too; it may be the same function.',
    )
  }

  override derivedName(): string | undefined {
    return this.#onExecute?.callback.name
  }

  override hasUndo(): boolean {
    return this.#onFailure !== undefined || this.options.undoUnknown !== undefined
  }

  override equals(other: unknown): boolean {
    return (
      other instanceof LocalSagaStep &&
      sameOperation(this.#onExecute, other.#onExecute) &&
      sameOperation(this.#onFailure, other.#onFailure)
    )
  }
}
