/** The failures that the machine itself finds. */
import { type ErrorCode, errorTable } from '../errors.ts'
import type { Path } from './definition.ts'
import type { Failure } from './journal.ts'

/** A failure with a code of the table. */
export function failureOf(
  path: Path,
  outcome: Failure['outcome'],
  code: ErrorCode,
  message: string = errorTable[code].message,
): Failure {
  return { path, outcome, code, message }
}

/** The deadline of the execution has passed. */
export function deadlineFailure(): Failure {
  return failureOf('', 'failed', 'EXECUTION_DEADLINE_PASSED')
}

/** The execution was cancelled. */
export function cancelFailure(reason: string): Failure {
  return failureOf('', 'failed', 'EXECUTION_CANCELLED', reason === '' ? undefined : reason)
}

/** The code of an attempt that nobody answers for any more: its process is gone. */
export const INTERRUPTED = 'ATTEMPT_INTERRUPTED'
