/** Encoded event pages, read without being taken apart. */
import type { Nanoseconds } from '../clock.ts'
import type { EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type ByteReader, equalBytes, textOf } from './codec/byte-reader.ts'
import { NOT_PLAIN } from './codec/not-plain.ts'
import { sequenceOf } from './header.ts'
import { nanosecondsFromTimestamp } from './timestamp.ts'

const SECOND = 1_000_000_000n

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

// The second of the page that was asked for its time last: neighbours are mostly of the same one.
let second = 0
let secondStart = 0n

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

/** Reads a page that ends at `end`. Whatever a plain encoder would not have written is `NOT_PLAIN`. */
export function readPageView(r: ByteReader, end: number): EventPageView {
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

/** The view of a page that the runtime had to read: what it points into is made anew. */
export function pageViewOf(page: EventPage): EventPageView {
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
  view.sequence = sequenceOf(header)
  view.time = createdAt === undefined ? undefined : nanosecondsFromTimestamp(createdAt)
  return view
}
