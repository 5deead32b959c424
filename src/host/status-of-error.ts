/**
 * The gRPC status of anything that a function throws.
 *
 * 1. A coded error keeps its status, its text and its code; a rejection also its cover.
 * 2. A gRPC error of a call that the function made itself is passed on as it came.
 * 3. Anything else is INTERNAL with the text of the error.
 */
import type { Metadata } from '@grpc/grpc-js'
import type { Grpc } from '../client/grpc/load-grpc.ts'
import {
  carriedBook,
  encodeStatusDetails,
  STATUS_DETAILS_TRAILER,
  statusText,
  type StatusWithDetails,
} from '../client/grpc/status-details.ts'
import { statusNumber } from '../client/grpc/status-number.ts'
import { CodedError, messageOf } from '../errors.ts'
import { CommandRejectedError, GRPCError, grpcStatusOf } from '../errors/client-error.ts'

/** A status in the shape of the library. */
export type LibraryStatus = {
  readonly code: number
  readonly details: string
  readonly metadata?: Metadata
}

/** The status of an error, as plain data. */
export function statusOfError(error: unknown): StatusWithDetails {
  if (!(error instanceof CodedError)) {
    return { status: 'INTERNAL', text: statusText(textOf(error)), code: '', details: {} }
  }
  const { details } = error
  if (error instanceof GRPCError) {
    const code = error.code === 'GRPC_ERROR' ? '' : error.code
    return { status: statusOrInternal(error), text: statusText(error.grpcDetails), code, details }
  }
  const cover = error instanceof CommandRejectedError ? error.cover : undefined
  const text = statusText(error.message)
  const book = carriedBook(error)
  const told = { status: statusOrInternal(error), text, code: error.code, details, cover }
  return book === undefined ? told : { ...told, book }
}

/** The status of an error with its trailer. */
export function libraryStatus(grpc: Grpc, error: unknown): LibraryStatus {
  const from = statusOfError(error)
  const status = { code: statusNumber(from.status), details: from.text }
  const bytes = encodeStatusDetails(from)
  if (bytes === undefined) return status
  const metadata = new grpc.Metadata()
  metadata.set(STATUS_DETAILS_TRAILER, Buffer.from(bytes))
  return { ...status, metadata }
}

/** A failure is never answered with OK. */
function statusOrInternal(error: CodedError): StatusWithDetails['status'] {
  const status = grpcStatusOf(error)
  return status === 'OK' ? 'INTERNAL' : status
}

/** Text of anything thrown, also of what has no text. */
export function textOf(error: unknown): string {
  try {
    return messageOf(error)
  } catch {
    return 'unknown error'
  }
}
