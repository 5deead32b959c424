/** Whether an error is a target's "no", or a failure of the machinery. Pure. */
import { dispositionOfError, grpcStatusOf } from '../errors/client-error.ts'

const REFUSALS: ReadonlySet<string> = new Set([
  'FAILED_PRECONDITION',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ABORTED',
])

/** True for every refusal by a handler: asking again would give the same answer. */
export function isRefusal(error: unknown): boolean {
  return dispositionOfError(error) === 'reject' && REFUSALS.has(grpcStatusOf(error))
}
