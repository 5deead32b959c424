/** A step that sends a request to a service and handles its reply. */
import {
  EmptySagaStepError,
  MultipleOnErrorError,
  MultipleOnExecuteError,
  MultipleOnFailureError,
  MultipleOnSuccessError,
  UndefinedOnExecuteError,
} from '../errors/definition-errors.ts'
import type { RequestCallback, ResponseCallback } from './callbacks.ts'
import type { SagaOperation } from './saga-operation.ts'
import { SagaStep } from './saga-step.ts'
import { operationOf, sameOperation, type SlotOptions } from './slot.ts'
import { type AttemptedStepOptions, checkStepOptions, OPTION_NAMES } from './step-options.ts'

/** Options of a remote step. */
export type RemoteStepOptions = AttemptedStepOptions

/** The callbacks of a remote step, when it is made by itself. */
export type RemoteStepSlots<Context extends object> = {
  readonly onExecute?: RequestCallback<Context> | SagaOperation | undefined
  readonly onSuccess?: ResponseCallback<Context> | SagaOperation | undefined
  readonly onError?: ResponseCallback<Context> | SagaOperation | undefined
  readonly onFailure?: RequestCallback<Context> | SagaOperation | undefined
}

/** What can be said of `onError` beside its callback. */
export type ErrorSlotOptions = SlotOptions & {
  /**
   * It also gets replies with status `SYSTEM_ERROR`, of services that failed; without, those fail the
   * step. Whether such a request took effect is not known. Default: false.
   */
  readonly systemErrors?: boolean | undefined
}

/** A remote step (Minos saga: `RemoteSagaStep`). Sagas make their own with `remoteStep`. */
export class RemoteSagaStep<Context extends object = Record<string, unknown>> extends SagaStep {
  readonly kind = 'remote'
  #onExecute: SagaOperation | undefined
  #onSuccess: SagaOperation | undefined
  #onError: SagaOperation | undefined
  #onFailure: SagaOperation | undefined
  #handlesSystemErrors = false

  /** @throws CodedError `SAGA_OPTION_INVALID`, `SAGA_STEP_NAME_INVALID` */
  constructor(slots: RemoteStepSlots<Context> & RemoteStepOptions = {}) {
    const { onExecute, onSuccess, onError, onFailure, ...options } = slots
    checkStepOptions(options, OPTION_NAMES.attempted)
    super(options)
    if (onExecute !== undefined) this.onExecute(onExecute)
    if (onSuccess !== undefined) this.onSuccess(onSuccess)
    if (onError !== undefined) this.onError(onError)
    if (onFailure !== undefined) this.onFailure(onFailure)
  }

  get onExecuteOperation(): SagaOperation | undefined {
    return this.#onExecute
  }

  get onSuccessOperation(): SagaOperation | undefined {
    return this.#onSuccess
  }

  get onErrorOperation(): SagaOperation | undefined {
    return this.#onError
  }

  get onFailureOperation(): SagaOperation | undefined {
    return this.#onFailure
  }

  /** Whether `onError` also gets replies of services that failed. */
  get handlesSystemErrors(): boolean {
    return this.#handlesSystemErrors
  }

  /** Makes the request; nothing to send ends the step. @throws MultipleOnExecuteError */
  onExecute(callback: RequestCallback<Context> | SagaOperation, options: SlotOptions = {}): this {
    this.refuseCommitted()
    if (this.#onExecute !== undefined) throw new MultipleOnExecuteError()
    this.#onExecute = operationOf(callback, options)
    return this
  }

  /** Handles the reply of a request that took effect. @throws MultipleOnSuccessError */
  onSuccess(callback: ResponseCallback<Context> | SagaOperation, options: SlotOptions = {}): this {
    this.refuseCommitted()
    if (this.#onSuccess !== undefined) throw new MultipleOnSuccessError()
    this.#onSuccess = operationOf(callback, options)
    return this
  }

  /** Handles the reply of a service that refused. @throws MultipleOnErrorError */
  onError(
    callback: ResponseCallback<Context> | SagaOperation,
    options: ErrorSlotOptions = {},
  ): this {
    this.refuseCommitted()
    if (this.#onError !== undefined) throw new MultipleOnErrorError()
    const { systemErrors = false, ...slot } = options
    this.#onError = operationOf(callback, slot)
    this.#handlesSystemErrors = systemErrors
    return this
  }

  /**
   * Makes the request that undoes the step; nothing to send is nothing to undo.
   *
   * @throws MultipleOnFailureError the second time; CodedError `SAGA_UNDO_AFTER_PIVOT`
   */
  onFailure(callback: RequestCallback<Context> | SagaOperation, options: SlotOptions = {}): this {
    this.refuseCommitted()
    if (this.#onFailure !== undefined) throw new MultipleOnFailureError()
    this.refuseUndoBehindPivot()
    this.#onFailure = operationOf(callback, options)
    return this
  }

  override validate(): void {
    if (this.#onExecute !== undefined) return
    const isEmpty = this.#slots().every((slot) => slot === undefined)
    throw isEmpty ? new EmptySagaStepError() : new UndefinedOnExecuteError()
  }

  override derivedName(): string | undefined {
    const callback: unknown = this.#onExecute?.callback
    // A request type that is the callback itself knows where it sends to.
    if (typeof callback !== 'function') return undefined
    return 'target' in callback ? String(callback.target) : callback.name
  }

  override hasUndo(): boolean {
    return this.#onFailure !== undefined
  }

  override equals(other: unknown): boolean {
    if (!(other instanceof RemoteSagaStep)) return false
    const others = other.#slots()
    return this.#slots().every((slot, index) => sameOperation(slot, others[index]))
  }

  #slots(): readonly (SagaOperation | undefined)[] {
    return [this.#onExecute, this.#onSuccess, this.#onError, this.#onFailure]
  }
}
