/**
 * Writes the primitives of the protobuf wire format into a growing array. One writer serves many
 * messages: {@link ByteWriter.take} hands out what was written and starts again.
 */

const encoder = new TextEncoder()
const wide = new BigInt64Array(1)
const words = new Int32Array(wide.buffer)
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

/** Longest text that is tried as ASCII first; its length prefix is one byte. */
const ASCII_LENGTH_MAX = 127
/** Results up to this size share an allocation; an allocation of their own costs ten times more. */
const SHARED_LENGTH_MAX = 1024
const SLAB_LENGTH = 8192

let slab = new Uint8Array(0)
let slabUsed = 0

/** A growing array of bytes with a write position. */
export class ByteWriter {
  /** What was written lies in [0, `pos`). Replaced when it grows. */
  buf: Uint8Array
  /** Where the next byte goes. */
  pos = 0
  #view: DataView

  /** @param capacity bytes to start with */
  constructor(capacity = 1024) {
    this.buf = new Uint8Array(capacity)
    this.#view = new DataView(this.buf.buffer)
  }

  /** Makes room for so many more bytes. */
  ensure(size: number): void {
    if (this.pos + size > this.buf.length) this.#grow(this.pos + size)
  }

  #grow(required: number): void {
    let length = this.buf.length * 2
    while (length < required) length *= 2
    const grown = new Uint8Array(length)
    grown.set(this.buf.subarray(0, this.pos))
    this.buf = grown
    this.#view = new DataView(grown.buffer)
  }

  /** What was written since the writer was made or last asked; the writer starts again. */
  take(): Uint8Array {
    const length = this.pos
    this.pos = 0
    return copyOf(this.buf, length)
  }

  /** An unsigned varint of up to 32 bits. */
  uint32(value: number): void {
    if (this.pos + 5 > this.buf.length) this.#grow(this.pos + 5)
    const buf = this.buf
    let pos = this.pos
    let rest = value
    while (rest > 0x7f) {
      buf[pos++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buf[pos++] = rest
    this.pos = pos
  }

  /** A signed varint: negative numbers take ten bytes. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value)
    else this.#varint64(value, -1)
  }

  /** A 64-bit varint; the number must fit 64 bits, signed or unsigned. */
  int64(value: bigint): void {
    wide[0] = value
    this.#varint64(words[LOW] as number, words[HIGH] as number)
  }

  /** A zigzag varint of 64 bits. */
  sint64(value: bigint): void {
    wide[0] = value
    const low = words[LOW] as number
    const high = words[HIGH] as number
    const sign = high >> 31
    this.#varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign)
  }

  #varint64(low: number, high: number): void {
    this.ensure(10)
    const buf = this.buf
    let pos = this.pos
    let lo = low >>> 0
    let hi = high >>> 0
    while (hi !== 0 || lo > 0x7f) {
      buf[pos++] = (lo & 0x7f) | 0x80
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    buf[pos++] = lo
    this.pos = pos
  }

  /** Four bytes, little-endian; takes signed and unsigned numbers. */
  fixed32(value: number): void {
    this.ensure(4)
    this.#view.setInt32(this.pos, value, true)
    this.pos += 4
  }

  /** Eight bytes, little-endian; takes signed and unsigned numbers. */
  fixed64(value: bigint): void {
    this.ensure(8)
    this.#view.setBigInt64(this.pos, value, true)
    this.pos += 8
  }

  /** A 32-bit floating point number. */
  float(value: number): void {
    this.ensure(4)
    this.#view.setFloat32(this.pos, value, true)
    this.pos += 4
  }

  /** A 64-bit floating point number. */
  double(value: number): void {
    this.ensure(8)
    this.#view.setFloat64(this.pos, value, true)
    this.pos += 8
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const length = value.length
    this.ensure(length)
    if (length > 24) {
      this.buf.set(value, this.pos)
    } else {
      for (let i = 0; i < length; i++) this.buf[this.pos + i] = value[i] as number
    }
    this.pos += length
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length)
    this.raw(value)
  }

  /** Text as UTF-8 with its length before it; lone surrogates become U+FFFD. */
  string(value: string): void {
    const length = value.length
    this.ensure(length * 3 + 5)
    if (length > ASCII_LENGTH_MAX || !this.#ascii(value, length)) this.#utf8(value, length)
  }

  #ascii(value: string, length: number): boolean {
    const buf = this.buf
    let pos = this.pos
    buf[pos++] = length
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return false
      buf[pos++] = code
    }
    this.pos = pos
    return true
  }

  #utf8(value: string, length: number): void {
    // The text is written where it will stand if its prefix is as long as for ASCII.
    const guess = varintLength(length)
    const from = this.pos + guess
    const { written } = encoder.encodeInto(value, this.buf.subarray(from))
    const prefix = varintLength(written)
    if (prefix !== guess) this.buf.copyWithin(this.pos + prefix, from, from + written)
    this.uint32(written)
    this.pos += written
  }

  /** Begins something with a length prefix; hand the result to {@link ByteWriter.close}. */
  open(): number {
    this.ensure(1)
    return this.pos++
  }

  /** Ends it: what was written since gets its length before it. */
  close(opened: number): void {
    const length = this.pos - opened - 1
    if (length < 0x80) {
      this.buf[opened] = length
      return
    }
    const prefix = varintLength(length)
    this.ensure(prefix)
    this.buf.copyWithin(opened + prefix, opened + 1, this.pos)
    this.pos = opened
    this.uint32(length)
    this.pos += length
  }
}

/** Bytes that a number takes as an unsigned varint. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

function copyOf(buf: Uint8Array, length: number): Uint8Array {
  if (length > SHARED_LENGTH_MAX) return buf.slice(0, length)
  if (slabUsed + length > slab.length) {
    slab = new Uint8Array(SLAB_LENGTH)
    slabUsed = 0
  }
  const from = slabUsed
  slabUsed += length
  if (length > 48) slab.set(buf.subarray(0, length), from)
  else for (let i = 0; i < length; i++) slab[from + i] = buf[i] as number
  return slab.subarray(from, slabUsed)
}
