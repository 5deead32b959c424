/** Errors of components elsewhere, as those of this process are: reason and code come through. */
import { CommandRejectedError, GRPCError } from '../../../errors/client-error.ts'

/** The refusal that a status is, or an error of the same status that says what the component said. */
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
      return failureOf(error)
  }
}

function failureOf(error: GRPCError): GRPCError {
  const { grpcCode: status, grpcDetails: text, code, details } = error
  if (text === '') return error
  const failure = new GRPCError({ status, details: text }, { code, details, cause: error })
  failure.message = text
  return failure
}
