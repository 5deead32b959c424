/** What a failed gRPC call is for callers. */
import type { ServiceError } from '@grpc/grpc-js'
import { type CodedError, codedError } from '../../errors.ts'
import { type GrpcFailure, GRPCError } from '../../errors/client-error.ts'
import type { EventBook } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  decodeStatusDetails,
  type ReceivedDetails,
  STATUS_DETAILS_TRAILER,
} from './status-details.ts'
import { statusName } from './status-number.ts'

/** What {@link GRPCError.status} answers for a call that failed: the status with its details. */
export type ReceivedStatus = GrpcFailure & ReceivedDetails

/**
 * The coded error of a failed call: `DEADLINE_EXCEEDED` when the caller's own deadline ended it, else
 * a GRPCError with the code and details that the other side sent, or `GRPC_ERROR`.
 */
export function receivedError(error: unknown, timeoutMs?: number | undefined): CodedError {
  if (!isServiceError(error)) return new GRPCError(asError(error))
  const status = statusName(error.code)
  if (status === 'DEADLINE_EXCEEDED' && timeoutMs !== undefined) {
    const details = { timeout_ms: timeoutMs }
    return codedError('DEADLINE_EXCEEDED', { details, cause: error })
  }
  const trailer = error.metadata?.get(STATUS_DETAILS_TRAILER)[0]
  const received = decodeStatusDetails(typeof trailer === 'string' ? undefined : trailer)
  const cause: ReceivedStatus = { status, details: error.details, ...received }
  const { errorInfo } = received
  if (errorInfo === undefined || errorInfo.reason === '') return new GRPCError(cause)
  return new GRPCError(cause, { code: errorInfo.reason, details: errorInfo.metadata })
}

/** The current book of the aggregate of a stale command, when it came with the error. */
export function receivedBook(error: GRPCError): EventBook | undefined {
  // What this file makes a GRPCError of.
  return (error.cause as Partial<ReceivedStatus> | undefined)?.currentBook
}

/** What the library rejects with; trailers may be missing when the other side was never reached. */
type LibraryError = Pick<ServiceError, 'code' | 'details'> & Partial<Pick<ServiceError, 'metadata'>>

function isServiceError(error: unknown): error is LibraryError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
