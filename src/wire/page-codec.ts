/**
 * Encoded event pages, as the ledger keeps them: written from their parts, and read without being
 * taken apart. Results are those of the protobuf runtime for `EventPage`.
 */
import type { Nanoseconds } from '../clock.ts'
import { errorTable } from '../errors.ts'
import { InvalidArgumentError, InvalidTimestampError } from '../errors/client-error.ts'
import {
  type EventPage,
  EventPageSchema,
  type PageHeader,
  PageHeaderSchema,
  type PayloadReference,
  PayloadReferenceSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { ByteReader, equalBytes, textOf } from './codec/byte-reader.ts'
import { ByteWriter } from './codec/byte-writer.ts'
import { NOT_PLAIN } from './codec/not-plain.ts'
import { messageCodec } from './message-codec.ts'
import { nanosecondsFromTimestamp } from './timestamp.ts'

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

/** An encoded page, read in place. Do not keep one for long: it keeps the bytes around it alive. */
export interface EventPageView {
  /** What the offsets point into. */
  readonly bytes: Uint8Array
  /** Place in the stream; `undefined` without a header or when that defers it. */
  readonly sequence: number | undefined
  /** When the event happened; `undefined` when the page does not say. */
  readonly createdAt: Nanoseconds | undefined
  /** The type URL of the event; '' without one. Read when asked for. */
  readonly typeUrl: string
  /** Where the type URL begins and ends. */
  readonly typeFrom: number
  readonly typeTo: number
  /** A view of the encoded event; `undefined` when it lies elsewhere or there is none. */
  readonly value: Uint8Array | undefined
  /** Where the encoded event begins and ends. */
  readonly valueFrom: number
  readonly valueTo: number
  /** True for a pending page. */
  readonly noCommit: boolean
  /** Cascade of a pending page. */
  readonly cascadeId: string | undefined
  /** Whether the type URL is exactly these bytes; for readers who wait for one type. */
  typeUrlIs(bytes: Uint8Array): boolean
}

class PageView implements EventPageView {
  readonly bytes: Uint8Array
  sequence: number | undefined = undefined
  noCommit = false
  cascadeId: string | undefined = undefined
  typeFrom = 0
  typeTo = 0
  valueFrom = 0
  valueTo = 0
  hasEvent = false
  seconds = 0
  nanos = 0
  /** Whether `seconds` and `nanos` count; otherwise `time` does. */
  hasTime = false
  time: Nanoseconds | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get createdAt(): Nanoseconds | undefined {
    if (!this.hasTime) return this.time
    if (this.seconds !== second) {
      second = this.seconds
      secondStart = BigInt(second) * SECOND
    }
    return secondStart + BigInt(this.nanos)
  }

  get typeUrl(): string {
    return textOf(this.bytes, this.typeFrom, this.typeTo)
  }

  typeUrlIs(bytes: Uint8Array): boolean {
    return equalBytes(bytes, this.bytes, this.typeFrom, this.typeTo - this.typeFrom)
  }

  get value(): Uint8Array | undefined {
    return this.hasEvent ? this.bytes.subarray(this.valueFrom, this.valueTo) : undefined
  }
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
    return readPage(ownReader, to)
  } catch {
    return viewOf(pages.decode(bytes, from, to))
  }
}

function readPage(r: ByteReader, end: number): PageView {
  const view = new PageView(r.buf)
  let last = 0
  while (r.pos < end) {
    const tag = r.uint32()
    // Each field once and in order, as every encoder writes them; the rest is for the runtime.
    if (tag <= last) throw NOT_PLAIN
    last = tag
    switch (tag) {
      case 10:
        readHeader(view, r, r.extent(end))
        break
      case 18:
        readTime(view, r, r.extent(end))
        break
      case 26:
        readEvent(view, r, r.extent(end))
        break
      case 48:
        view.noCommit = r.bool()
        break
      case 58:
        view.cascadeId = r.string(end)
        break
      default:
        throw NOT_PLAIN
    }
  }
  if (r.pos !== end) throw NOT_PLAIN
  return view
}

function readHeader(view: PageView, r: ByteReader, end: number): void {
  if (r.pos === end) return
  if (r.uint32() !== 8) throw NOT_PLAIN
  view.sequence = r.uint32()
  if (r.pos !== end) throw NOT_PLAIN
}

function readTime(view: PageView, r: ByteReader, end: number): void {
  view.hasTime = true
  if (r.pos < end && r.buf[r.pos] === 8) {
    r.pos++
    view.seconds = r.safeInteger()
  }
  if (r.pos < end && r.buf[r.pos] === 16) {
    r.pos++
    view.nanos = r.uint32() | 0
  }
  if (r.pos !== end) throw NOT_PLAIN
}

function readEvent(view: PageView, r: ByteReader, end: number): void {
  view.hasEvent = true
  if (r.pos < end && r.buf[r.pos] === 10) {
    r.pos++
    view.typeTo = r.extent(end)
    view.typeFrom = r.pos
    r.pos = view.typeTo
  }
  if (r.pos < end && r.buf[r.pos] === 18) {
    r.pos++
    view.valueTo = r.extent(end)
    view.valueFrom = r.pos
    r.pos = view.valueTo
  }
  if (r.pos !== end) throw NOT_PLAIN
}

/** The view of a page that the runtime had to read: what it points into is encoded anew. */
function viewOf(page: EventPage): EventPageView {
  const { payload, header, createdAt } = page
  const event = payload.case === 'event' ? payload.value : undefined
  const url = new TextEncoder().encode(event?.typeUrl ?? '')
  const value = event?.value ?? new Uint8Array(0)
  const bytes = new Uint8Array(url.length + value.length)
  bytes.set(url)
  bytes.set(value, url.length)
  const view = new PageView(bytes)
  view.typeTo = url.length
  view.valueFrom = url.length
  view.valueTo = bytes.length
  view.hasEvent = event !== undefined
  view.noCommit = page.noCommit
  view.cascadeId = page.cascadeId
  view.sequence = header?.sequenceType.case === 'sequence' ? header.sequenceType.value : undefined
  view.time = createdAt === undefined ? undefined : nanosecondsFromTimestamp(createdAt)
  return view
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
