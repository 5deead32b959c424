/**
 * Encoded event pages, as the ledger keeps them: written from their parts, and read without being
 * taken apart. Results are those of the protobuf runtime for `EventPage`.
 */
import type { Nanoseconds } from '../clock.ts'
import { errorTable } from '../errors.ts'
import { InvalidArgumentError, InvalidTimestampError } from '../errors/client-error.ts'
import {
  EventPageSchema,
  type PageHeader,
  PageHeaderSchema,
  type PayloadReference,
  PayloadReferenceSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { ByteReader } from './codec/byte-reader.ts'
import { ByteWriter } from './codec/byte-writer.ts'
import { messageCodec } from './message-codec.ts'
import { type EventPageView, pageViewOf, readPageView } from './page-view.ts'

const SECOND = 1_000_000_000n
const pages = messageCodec(EventPageSchema)
const headers = messageCodec(PageHeaderSchema)
const references = messageCodec(PayloadReferenceSchema)

/** The parts of a page. */
export type EventPageParts = {
  /** Place in the stream. */
  readonly sequence?: number | undefined
  /** A header that says more than a sequence; stands in for `sequence`. */
  readonly header?: PageHeader | undefined
  /** Absent when undefined. */
  readonly createdAt?: Nanoseconds | undefined
  /** Type URL of the event. Without one there is no event. */
  readonly typeUrl?: string | undefined
  /** The encoded event. */
  readonly value?: Uint8Array | undefined
  /** Where the event was put; stands in for `typeUrl` and `value`. */
  readonly external?: PayloadReference | undefined
  /** True for a pending page. Default: false. */
  readonly noCommit?: boolean | undefined
  /** Cascade of a pending page. */
  readonly cascadeId?: string | undefined
}

const ownWriter = new ByteWriter()

/**
 * The bytes of a page. Pages of up to 8 KiB share allocations, so `.buffer` may hold others.
 *
 * @throws InvalidArgumentError `INVALID_ARGUMENT` for a sequence that does not fit 32 bits;
 * InvalidTimestampError `INVALID_TIMESTAMP` for a time beyond all calendars
 */
export function encodeEventPage(parts: EventPageParts): Uint8Array {
  ownWriter.rewind(0)
  writeEventPage(parts, ownWriter)
  return ownWriter.take()
}

/** Appends the bytes of a page to a writer. @throws as {@link encodeEventPage} */
export function writeEventPage(parts: EventPageParts, w: ByteWriter): void {
  if (parts.header !== undefined) {
    w.uint32(10)
    const header = w.open()
    headers.write(parts.header, w)
    w.close(header)
  } else if (parts.sequence !== undefined) {
    if (parts.sequence >>> 0 !== parts.sequence) throw invalidSequence(parts.sequence)
    w.uint32(10)
    const header = w.open()
    w.uint32(8)
    w.uint32(parts.sequence)
    w.close(header)
  }
  if (parts.createdAt !== undefined) writeTime(parts.createdAt, w)
  if (parts.external !== undefined) {
    w.uint32(34)
    const reference = w.open()
    references.write(parts.external, w)
    w.close(reference)
  } else if (parts.typeUrl !== undefined) {
    w.uint32(26)
    const any = w.open()
    if (parts.typeUrl !== '') {
      w.uint32(10)
      w.string(parts.typeUrl)
    }
    if (parts.value !== undefined && parts.value.length > 0) {
      w.uint32(18)
      w.bytes(parts.value)
    }
    w.close(any)
  }
  if (parts.noCommit === true) {
    w.uint32(48)
    w.uint32(1)
  }
  if (parts.cascadeId !== undefined) {
    w.uint32(58)
    w.string(parts.cascadeId)
  }
}

/** The second of the time that was asked for last: neighbours are mostly of the same one. */
let second = 0
let secondStart = 0n

function writeTime(time: Nanoseconds, w: ByteWriter): void {
  let nanos = Number(time - secondStart)
  if (nanos < 0 || nanos >= 1e9) {
    const within = ((time % SECOND) + SECOND) % SECOND
    secondStart = time - within
    second = Number(secondStart / SECOND)
    nanos = Number(within)
    if (!Number.isSafeInteger(second)) throw invalidTime(time)
  }
  w.uint32(18)
  const timestamp = w.open()
  if (second !== 0) {
    w.uint32(8)
    if (second > 0 && second <= 0xffff_ffff) w.uint32(second)
    else w.int64(BigInt(second))
  }
  if (nanos !== 0) {
    w.uint32(16)
    w.uint32(nanos)
  }
  w.close(timestamp)
}

const ownReader = new ByteReader()

/**
 * Reads the page in the bytes from `from` (default 0) up to `to` (default: their length). Nothing is
 * copied. Throws what `fromBinary` throws for bytes that are no page; a type URL that is no UTF-8
 * throws when it is asked for.
 */
export function decodeEventPage(
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
): EventPageView {
  ownReader.start(bytes, from)
  try {
    return readPageView(ownReader, to)
  } catch {
    return pageViewOf(pages.decode(bytes, from, to))
  }
}

function invalidSequence(actual: number): InvalidArgumentError {
  return new InvalidArgumentError(errorTable.INVALID_ARGUMENT.message, {
    details: { field: 'sequence', actual },
  })
}

function invalidTime(time: Nanoseconds): InvalidTimestampError {
  return new InvalidTimestampError(errorTable.INVALID_TIMESTAMP.message, {
    details: { input: `${time}ns` },
  })
}
