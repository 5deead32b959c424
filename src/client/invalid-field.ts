/** Errors for what a caller passes in: the code of the table, and the field it is about. */
import { type ErrorCode, errorTable } from '../errors.ts'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { limits } from '../limits.ts'

/** What is wrong, where, and what would be right. */
export type InvalidField = {
  readonly field: string
  readonly input?: unknown
  /** What to pass instead. */
  readonly hint?: string | undefined
  /** Default `INVALID_ARGUMENT`. */
  readonly code?: ErrorCode | undefined
  readonly cause?: unknown
}

/** Makes an InvalidArgumentError with the message of the table; details `field` and `input`. */
export function invalidField(what: InvalidField): InvalidArgumentError {
  const { field, input, hint, code = 'INVALID_ARGUMENT', cause } = what
  return new InvalidArgumentError(errorTable[code].message, {
    code,
    cause,
    hint,
    details: 'input' in what ? { field, input } : { field },
  })
}

/** @throws InvalidArgumentError `INVALID_ARGUMENT` for what no stream can have as a sequence */
export function checkSequence(field: string, input: number): void {
  if (Number.isInteger(input) && input >= 0 && input <= limits.sequenceMax) return
  throw invalidField({ field, input, hint: `a whole number from 0 to ${limits.sequenceMax}` })
}
