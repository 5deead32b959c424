/** Refusals of components elsewhere, as those of this process are: reason and code come through. */
import { CommandRejectedError, GRPCError } from '../../../errors/client-error.ts'

/** The refusal that a status is; any other error as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof GRPCError)) return error
  const { grpcCode, grpcDetails, code, details } = error
  switch (grpcCode) {
    case 'FAILED_PRECONDITION':
    case 'INVALID_ARGUMENT':
    case 'NOT_FOUND': {
      const known = code === 'GRPC_ERROR' ? {} : { code }
      return new CommandRejectedError(grpcDetails, grpcCode, { ...known, details, cause: error })
    }
    default:
      return error
  }
}
