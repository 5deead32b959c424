/** The error for workflows that are not put together as they must be. */
import { type CodedError, codedError } from '../errors.ts'

/** Makes the error: what is wrong where, and what is expected there. */
export function workflowInvalid(
  field: string,
  expected: string,
  input?: unknown,
): CodedError<'WORKFLOW_INVALID'> {
  const details = { field, input: typeof input === 'object' ? typeof input : input }
  return codedError('WORKFLOW_INVALID', {
    details,
    hint: `${field} must be ${expected}`,
  })
}

/** @throws CodedError `WORKFLOW_INVALID` unless it is a number of at least `least` */
export function checkNumber(field: string, value: unknown, least: number, above = false): void {
  if (typeof value === 'number' && (above ? value > least : value >= least)) return
  throw workflowInvalid(field, `a number ${above ? 'above' : 'of at least'} ${least}`, value)
}

/** @throws CodedError `WORKFLOW_INVALID` unless it is a whole number of at least `least` */
export function checkCount(field: string, value: unknown, least: number): void {
  if (
    typeof value === 'number' &&
    value >= least &&
    (Number.isInteger(value) || value === Infinity)
  )
    return
  throw workflowInvalid(field, `a whole number of at least ${least}`, value)
}
