/**
 * What a gRPC status carries beside number and text: the trailer `grpc-status-details-bin` with a
 * `google.rpc.Status`. In it an `ErrorInfo` (reason: the error code; metadata: the details), for a
 * rejected command its cover, and for a stale one the current book of its aggregate.
 *
 * 1. Details are additional: peers that send or read none understand the status all the same.
 * 2. They are bounded, since trailers are; what does not fit stays behind, the pages of a book first.
 * 3. Peers that send the bare bytes of a book in that trailer are understood; we never do.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import type { RejectedCover } from '../../errors/client-error.ts'
import type { GrpcStatusName } from '../../errors/error-row.ts'
import { limits } from '../../limits.ts'
import {
  type Cover,
  CoverSchema,
  type EventBook,
  EventBookSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type ErrorInfo, ErrorInfoSchema } from '../../proto/google/rpc/error_details_pb.ts'
import { StatusSchema } from '../../proto/google/rpc/status_pb.ts'
import { packAny, tryUnpackAny } from '../../wire/any.ts'
import { statusNumber } from './status-number.ts'

/** Name of the trailer. */
export const STATUS_DETAILS_TRAILER = 'grpc-status-details-bin'

/** Domain of the error codes, in `ErrorInfo`. */
export const ERROR_DOMAIN = 'angzarr.io'

/** A status with its details, as plain data. */
export type StatusWithDetails = {
  readonly status: GrpcStatusName
  readonly text: string
  /** The error code; '' sends no `ErrorInfo`. */
  readonly code: string
  readonly details: Readonly<Record<string, string>>
  /** Cover of a rejected command. */
  readonly cover?: RejectedCover | undefined
  /** The aggregate of a stale command as it is now. */
  readonly book?: EventBook | undefined
}

const books = new WeakMap<Error, EventBook>()

/** Has the status of an error carry a book. */
export function carryBook(error: Error, book: EventBook): void {
  books.set(error, book)
}

/** The book that the status of an error carries. */
export function carriedBook(error: Error): EventBook | undefined {
  return books.get(error)
}

/** The trailer's bytes; `undefined` when there is nothing to add to number and text. */
export function encodeStatusDetails(from: StatusWithDetails): Uint8Array | undefined {
  const { code, cover, book, status, text } = from
  const details: Any[] = []
  if (code !== '') details.push(packAny(ErrorInfoSchema, errorInfoOf(from)))
  if (cover !== undefined) details.push(packAny(CoverSchema, coverOf(cover)))
  if (book !== undefined) details.push(packAny(EventBookSchema, book))
  if (details.length === 0) return undefined
  const message = create(StatusSchema, { code: statusNumber(status), message: text, details })
  const bytes = toBinary(StatusSchema, message)
  if (bytes.length <= limits.grpcStatusDetailsBytesMax) return bytes
  if (book !== undefined && book.pages.length > 0) {
    const { nextSequence, cover: of } = book
    const short = create(EventBookSchema, { nextSequence, ...(of && { cover: of }) })
    return encodeStatusDetails({ ...from, book: short })
  }
  // The code is what a program needs; what it was about may be left out.
  const short = create(ErrorInfoSchema, { reason: statusText(code), domain: ERROR_DOMAIN })
  message.details = [packAny(ErrorInfoSchema, short)]
  return toBinary(StatusSchema, message)
}

/** What the other side added to a status. */
export type ReceivedDetails = {
  readonly errorInfo?: ErrorInfo | undefined
  /** Cover of the command that was rejected. */
  readonly rejectionCover?: Cover | undefined
  /** The aggregate of a stale command as it was when that was refused. */
  readonly currentBook?: EventBook | undefined
}

/** How the bytes of a book begin, and those of a status never do. */
const BOOK_BEGINS = 0x0a

/** Reads the trailer; bytes that are none of ours say nothing. */
export function decodeStatusDetails(bytes: Uint8Array | undefined): ReceivedDetails {
  if (bytes === undefined) return {}
  try {
    if (bytes[0] === BOOK_BEGINS) return { currentBook: fromBinary(EventBookSchema, bytes) }
    const { details } = fromBinary(StatusSchema, bytes)
    const currentBook = firstOf(details, (any) => tryUnpackAny(EventBookSchema, any))
    return {
      ...(currentBook === undefined ? {} : { currentBook }),
      errorInfo: firstOf(details, (any) => tryUnpackAny(ErrorInfoSchema, any)),
      rejectionCover: firstOf(details, (any) => tryUnpackAny(CoverSchema, any)),
    }
  } catch {
    return {}
  }
}

/** A text as a status can carry it: bounded, and without halves of characters. */
export function statusText(text: string): string {
  const { grpcStatusTextMax: max } = limits
  return (text.length > max ? `${text.slice(0, max)}…` : text).toWellFormed()
}

function errorInfoOf({ code, details }: StatusWithDetails): ErrorInfo {
  const metadata = Object.fromEntries(
    Object.entries(details).map(([key, value]) => [statusText(key), statusText(value)]),
  )
  return create(ErrorInfoSchema, { reason: statusText(code), domain: ERROR_DOMAIN, metadata })
}

function coverOf({ domain, correlationId }: RejectedCover): Cover {
  return create(CoverSchema, {
    domain: statusText(domain),
    correlationId: statusText(correlationId),
  })
}

function firstOf<T>(all: readonly Any[], read: (any: Any) => T | undefined): T | undefined {
  for (const any of all) {
    const found = read(any)
    if (found !== undefined) return found
  }
  return undefined
}
