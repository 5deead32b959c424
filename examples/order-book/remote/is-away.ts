/** Whether an error says that nobody was there: what was asked may be asked again. */
import { codeOf, GRPCError } from 'amends'

/** True for a connection that is not there, or broke. */
export function isAway(error: unknown): boolean {
  if (codeOf(error) === 'CONNECTION_FAILED') return true
  return error instanceof GRPCError && ['UNAVAILABLE', 'CANCELLED'].includes(error.grpcCode)
}
