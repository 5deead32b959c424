/** The base of every error of sagas, and the parts its families share. */
import { CodedError, type CodedErrorOptions, type ErrorCode, errorTable } from '../../errors.ts'

/** What an error of a saga may carry beside its message. */
export type SagaErrorOptions = Omit<CodedErrorOptions, 'code'>

/** Base of the errors of sagas (Minos saga: `SagaException`). */
export class SagaError extends CodedError<ErrorCode> {
  /** @param message what is wrong; default: the text of the code */
  constructor(
    code: ErrorCode = 'SAGA_FAILED',
    message: string = errorTable[code].message,
    options: SagaErrorOptions = {},
  ) {
    super(message, { ...options, code })
  }
}

/** Whether anything thrown is an error of a saga. */
export function isSagaError(error: unknown): error is SagaError {
  return error instanceof SagaError
}

/** Anything thrown as one line, with the name of its class. */
export function shown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
