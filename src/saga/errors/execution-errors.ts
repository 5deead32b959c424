/**
 * What can become of an execution. These are thrown to callers who ask for it (`raiseOnError`), or who
 * name an execution that is not there; the steps of a saga never see them.
 *
 * 1. An error that wraps another has it as `cause`, and shows it in its message.
 */
import { errorTable } from '../../errors.ts'
import { SagaError, type SagaErrorOptions, shown } from './saga-error.ts'

/** Base of what can become of an execution (Minos saga: `SagaExecutionException`). */
export class SagaExecutionError extends SagaError {}

/** There is no execution of this id (Minos saga: `SagaExecutionNotFoundException`). */
export class SagaExecutionNotFoundError extends SagaExecutionError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_EXECUTION_NOT_FOUND', message, options)
  }
}

/** The execution has ended already (Minos saga: `SagaExecutionAlreadyExecutedException`). */
export class SagaExecutionAlreadyExecutedError extends SagaExecutionError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_EXECUTION_ENDED', message, options)
  }
}

/** The execution could not be undone completely (Minos saga: `SagaRollbackExecutionException`). */
export class SagaRollbackExecutionError extends SagaExecutionError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ROLLBACK_FAILED', message, options)
  }
}

/** The saga failed (Minos saga: `SagaFailedExecutionException`). `cause` is why. */
export class SagaFailedExecutionError extends SagaExecutionError {
  /** @param message default: the text of the code, and the error */
  constructor(cause: unknown, message?: string, options: SagaErrorOptions = {}) {
    super('SAGA_FAILED', message ?? `${errorTable.SAGA_FAILED.message}: ${shown(cause)}`, {
      ...options,
      cause,
    })
  }
}

/** A step failed, and so the saga (Minos saga: `SagaFailedExecutionStepException`). */
export class SagaFailedExecutionStepError extends SagaFailedExecutionError {
  constructor(cause: unknown, message?: string, options?: SagaErrorOptions) {
    const text = `${errorTable.SAGA_STEP_FAILED.message}: ${shown(cause)}`
    super(cause, message ?? text, options)
  }
}

/**
 * Base of what can become of a step (Minos saga: `SagaStepExecutionException`). A failed step is one,
 * and also a {@link SagaFailedExecutionError}: ask {@link isSagaStepExecutionError}, or `instanceof`.
 */
export class SagaStepExecutionError extends SagaExecutionError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isOfThisClass: boolean = Function.prototype[Symbol.hasInstance].call(this, value)
    const isFailedStep =
      this === SagaStepExecutionError && value instanceof SagaFailedExecutionStepError
    return isOfThisClass || isFailedStep
  }
}

/** The step could not be undone (Minos saga: `SagaRollbackExecutionStepException`). */
export class SagaRollbackExecutionStepError extends SagaStepExecutionError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_STEP_ROLLBACK_FAILED', message, options)
  }
}

/** A service answered that it failed (Minos saga: `SagaResponseException`). */
export class SagaResponseError extends SagaError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_RESPONSE_FAILED', message, options)
  }
}

/** Whether anything thrown says what became of a step. */
export function isSagaStepExecutionError(
  error: unknown,
): error is SagaStepExecutionError | SagaFailedExecutionStepError {
  return error instanceof SagaStepExecutionError
}
