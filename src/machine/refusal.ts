/** How authors refuse: the business says no, nothing happened, and another try changes nothing. */
import { CodedError, type CodedErrorOptions, errorTable } from '../errors.ts'

/** What a refusal may carry; `code` is the author's own, `REFUSED` unless given. */
export type RefusalOptions = Partial<CodedErrorOptions>

/**
 * A refusal. Thrown by an operation, or returned where a context or a reply is expected, it fails
 * the step for good: it is not retried, and the step's own undo does not run.
 */
export class RefusedError extends CodedError {
  constructor(message: string = errorTable.REFUSED.message, options: RefusalOptions = {}) {
    super(message, { ...options, code: options.code ?? 'REFUSED' })
  }
}

/** Makes a refusal, to be returned or thrown. */
export function refuse(reason: string, options: RefusalOptions = {}): RefusedError {
  return new RefusedError(reason, options)
}
