/**
 * What can be wrong with a definition. Each class says one thing that is wrong, has the message of its
 * code unless another one is given, and is thrown where the definition is made.
 */
import { type SagaErrorOptions, SagaError } from './saga-error.ts'

/** A saga without steps was committed or validated (Minos saga: `EmptySagaException`). */
export class EmptySagaError extends SagaError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_EMPTY', message, options)
  }
}

/** A saga that is not committed was to be used (Minos saga: `SagaNotCommittedException`). */
export class SagaNotCommittedError extends SagaError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_NOT_COMMITTED', message, options)
  }
}

/** A committed saga was to be changed (Minos saga: `AlreadyCommittedException`). */
export class AlreadyCommittedError extends SagaError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ALREADY_COMMITTED', message, options)
  }
}

/** Base of what can be wrong with a step (Minos saga: `SagaStepException`). */
export class SagaStepError extends SagaError {}

/**
 * A step that belongs to no saga was to be followed by another, or committed
 * (Minos saga: `SagaNotDefinedException`).
 */
export class SagaNotDefinedError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_STEP_DETACHED', message, options)
  }
}

/**
 * A step without any callback, or a conditional step without any alternative
 * (Minos saga: `EmptySagaStepException`).
 */
export class EmptySagaStepError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_STEP_EMPTY', message, options)
  }
}

/**
 * A step that has callbacks, but none for `onExecute`
 * (Minos saga: `UndefinedOnExecuteException`).
 */
export class UndefinedOnExecuteError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_STEP_NOT_BEGUN', message, options)
  }
}

/** A second `onExecute` of one step (Minos saga: `MultipleOnExecuteException`). */
export class MultipleOnExecuteError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ON_EXECUTE_TWICE', message, options)
  }
}

/** A second `onSuccess` of one step (Minos saga: `MultipleOnSuccessException`). */
export class MultipleOnSuccessError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ON_SUCCESS_TWICE', message, options)
  }
}

/** A second `onError` of one step (Minos saga: `MultipleOnErrorException`). */
export class MultipleOnErrorError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ON_ERROR_TWICE', message, options)
  }
}

/** A second `onFailure` of one step (Minos saga: `MultipleOnFailureException`). */
export class MultipleOnFailureError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ON_FAILURE_TWICE', message, options)
  }
}

/** A second `elseThen` of one step (Minos saga: `MultipleElseThenException`). */
export class MultipleElseThenError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_ELSE_THEN_TWICE', message, options)
  }
}

/** A step was added that belongs to a saga already (Minos saga: `AlreadyOnSagaException`). */
export class AlreadyOnSagaError extends SagaStepError {
  constructor(message?: string, options?: SagaErrorOptions) {
    super('SAGA_STEP_ATTACHED', message, options)
  }
}
