/**
 * Reads the primitives of the protobuf wire format. The reader takes what a plain encoder writes;
 * anything else (a varint that does not end, a length that leads outside) ends in `NOT_PLAIN`, and
 * the caller leaves the judgement to the protobuf runtime.
 */
import { NOT_PLAIN } from './not-plain.ts'
import { shortText } from './short-text.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const wide = new BigInt64Array(1)
const unsigned = new BigUint64Array(wide.buffer)
const words = new Int32Array(wide.buffer)
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW
const view = new DataView(new ArrayBuffer(8))

/** Places for texts that are expected to come again. */
const MEMORY_LENGTH = 256
const KEPT_LENGTH_MAX = 256

type Kept = { readonly bytes: Uint8Array; readonly text: string }
const memory: (Kept | undefined)[] = Array.from({ length: MEMORY_LENGTH })

/** An array of bytes with a read position. */
export class ByteReader {
  buf: Uint8Array = new Uint8Array(0)
  /** Where the next byte comes from. */
  pos = 0
  /** Messages around the one being read. */
  depth = 0
  #low = 0
  #high = 0

  /** Starts reading at a place. */
  start(buf: Uint8Array, from: number): void {
    this.buf = buf
    this.pos = from
    this.depth = 0
  }

  /** An unsigned varint of up to 32 bits; what it has beyond that is dropped. */
  uint32(): number {
    const first = this.buf[this.pos++] as number
    if (first < 0x80) return first
    this.#varint64(first)
    return this.#low >>> 0
  }

  /** Reads what follows the first byte, which has its high bit set or lies outside. */
  #varint64(first: number): void {
    const buf = this.buf
    let low = first & 0x7f
    let high = 0
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = buf[this.pos++]
      if (byte === undefined) throw NOT_PLAIN
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.#low = low
        this.#high = high
        return
      }
    }
    throw NOT_PLAIN
  }

  #wide(): void {
    const first = this.buf[this.pos++] as number
    if (first < 0x80) {
      words[LOW] = first
      words[HIGH] = 0
      return
    }
    this.#varint64(first)
    words[LOW] = this.#low
    words[HIGH] = this.#high
  }

  /** A zigzag varint of 32 bits. */
  sint32(): number {
    const value = this.uint32()
    return (value >>> 1) ^ -(value & 1)
  }

  /** A varint of 64 bits, signed. */
  int64(): bigint {
    this.#wide()
    return wide[0] as bigint
  }

  /** A varint of 64 bits, unsigned. */
  uint64(): bigint {
    this.#wide()
    return unsigned[0] as bigint
  }

  /** A varint of 64 bits, signed, as a number; beyond what numbers hold exactly it is `NOT_PLAIN`. */
  safeInteger(): number {
    const first = this.buf[this.pos++] as number
    if (first < 0x80) return first
    this.#varint64(first)
    const value = this.#high * 0x1_0000_0000 + (this.#low >>> 0)
    if (!Number.isSafeInteger(value)) throw NOT_PLAIN
    return value
  }

  /** A zigzag varint of 64 bits. */
  sint64(): bigint {
    this.#wide()
    const low = words[LOW] as number
    const high = words[HIGH] as number
    const sign = -(low & 1)
    words[LOW] = ((low >>> 1) | (high << 31)) ^ sign
    words[HIGH] = (high >>> 1) ^ sign
    return wide[0] as bigint
  }

  /** A varint that is true unless it is 0. */
  bool(): boolean {
    const first = this.buf[this.pos++] as number
    if (first < 0x80) return first !== 0
    this.#varint64(first)
    return this.#low !== 0 || this.#high !== 0
  }

  #copy(length: number): void {
    const { buf, pos } = this
    for (let i = 0; i < length; i++) view.setUint8(i, buf[pos + i] as number)
    this.pos = pos + length
  }

  /** Four bytes, little-endian, unsigned. */
  fixed32(): number {
    this.#copy(4)
    return view.getUint32(0, true)
  }

  /** Four bytes, little-endian, signed. */
  sfixed32(): number {
    this.#copy(4)
    return view.getInt32(0, true)
  }

  /** Eight bytes, little-endian, unsigned. */
  fixed64(): bigint {
    this.#copy(8)
    return view.getBigUint64(0, true)
  }

  /** Eight bytes, little-endian, signed. */
  sfixed64(): bigint {
    this.#copy(8)
    return view.getBigInt64(0, true)
  }

  /** A 32-bit floating point number. */
  float(): number {
    this.#copy(4)
    return view.getFloat32(0, true)
  }

  /** A 64-bit floating point number. */
  double(): number {
    this.#copy(8)
    return view.getFloat64(0, true)
  }

  /** Reads a length; returns where what follows ends. Never behind `end`. */
  extent(end: number): number {
    const length = this.uint32()
    const until = this.pos + length
    if (until > end) throw NOT_PLAIN
    return until
  }

  /** A view of the bytes that follow a length; nothing is copied. */
  bytes(end: number): Uint8Array {
    const until = this.extent(end)
    const from = this.pos
    this.pos = until
    return this.buf.subarray(from, until)
  }

  /** Text that follows a length. Throws for text that is no UTF-8. */
  string(end: number): string {
    const until = this.extent(end)
    const from = this.pos
    this.pos = until
    return textOf(this.buf, from, until)
  }

  /** The same for text that is likely to come again, such as names of types. */
  name(end: number): string {
    const until = this.extent(end)
    const from = this.pos
    this.pos = until
    const length = until - from
    if (length > KEPT_LENGTH_MAX || length === 0) return textOf(this.buf, from, until)
    const place =
      (length * 31 +
        (this.buf[until - 1] as number) * 7 +
        (this.buf[from + (length >> 1)] as number) * 5 +
        (this.buf[until - (length >> 2) - 1] as number)) %
      MEMORY_LENGTH
    const kept = memory[place]
    if (kept !== undefined && equalBytes(kept.bytes, this.buf, from, length)) return kept.text
    const text = textOf(this.buf, from, until)
    memory[place] = { bytes: this.buf.slice(from, until), text }
    return text
  }
}

/** True when the bytes from a place on are exactly these. */
export function equalBytes(
  expected: Uint8Array,
  buf: Uint8Array,
  from: number,
  length: number,
): boolean {
  if (expected.length !== length) return false
  // Names differ at the end more often than at the beginning.
  for (let i = length - 1; i >= 0; i--) if (expected[i] !== buf[from + i]) return false
  return true
}

/** The text of a range. Text that is no UTF-8 throws what the runtime throws for it. */
export function textOf(buf: Uint8Array, from: number, until: number): string {
  const short = shortText(buf, from, until)
  if (short !== undefined) return short
  return decoder.decode(buf.subarray(from, until))
}
