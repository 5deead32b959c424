/**
 * Writes the primitives of the protobuf wire format. One writer makes many messages, one behind the
 * other in the same allocation: {@link ByteWriter.take} hands out a view of what was written, and the
 * next message begins behind it. An allocation for each would cost more than the rest of encoding.
 */

const encoder = new TextEncoder()
const wide = new BigInt64Array(1)
const words = new Int32Array(wide.buffer)
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

/** Longest text that is tried as ASCII first; its length prefix is one byte. */
const ASCII_LENGTH_MAX = 127
/** Bytes that messages share; what is longer gets an allocation of its own. */
const SHARED_LENGTH = 8192

/** Bytes that are copied one by one; for more, a call of the engine costs less. */
const COPIED_LENGTH_MAX = 24
/** Places for texts that are expected to come again, and how long they may be. */
const MEMORY_LENGTH = 256
const KEPT_LENGTH_MAX = 256

/** A text with its length and its bytes as they are written. */
type Kept = { readonly text: string; readonly bytes: Uint8Array }
const memory: (Kept | undefined)[] = Array.from({ length: MEMORY_LENGTH })

/** Bytes with a write position. */
export class ByteWriter {
  #buf = new Uint8Array(SHARED_LENGTH)
  #view = new DataView(this.#buf.buffer)
  /** Where the message under way begins. */
  #from = 0
  #pos = 0

  /** Bytes written since the last {@link ByteWriter.take}. */
  get length(): number {
    return this.#pos - this.#from
  }

  /** Drops what was written beyond a length. */
  rewind(length: number): void {
    this.#pos = this.#from + length
  }

  /**
   * A view of what was written since the last call. Up to 8 KiB of other messages may share its
   * buffer; nothing is written to it any more.
   */
  take(): Uint8Array {
    const from = this.#from
    const until = this.#pos
    if (until > SHARED_LENGTH) {
      // The buffer has grown for this message; the next one does not keep it alive.
      const taken = this.#buf.slice(from, until)
      this.#replace(new Uint8Array(SHARED_LENGTH), 0)
      return taken
    }
    this.#from = until
    return this.#buf.subarray(from, until)
  }

  #replace(buf: Uint8Array<ArrayBuffer>, pos: number): void {
    this.#buf = buf
    this.#view = new DataView(buf.buffer)
    this.#from = 0
    this.#pos = pos
  }

  /** Makes room for so many more bytes, moving the message under way if need be. */
  #ensure(size: number): void {
    if (this.#pos + size > this.#buf.length) this.#move(size)
  }

  #move(size: number): void {
    const length = this.length
    let capacity = SHARED_LENGTH
    while (capacity < length + size) capacity *= 2
    const moved = new Uint8Array(capacity)
    moved.set(this.#buf.subarray(this.#from, this.#pos))
    this.#replace(moved, length)
  }

  /** One byte: a tag, a truth value. */
  byte(value: number): void {
    this.#ensure(1)
    this.#buf[this.#pos++] = value
  }

  /** An unsigned varint of up to 32 bits. */
  uint32(value: number): void {
    this.#ensure(5)
    const buf = this.#buf
    let pos = this.#pos
    let rest = value
    while (rest > 0x7f) {
      buf[pos++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buf[pos++] = rest
    this.#pos = pos
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
    this.#ensure(10)
    const buf = this.#buf
    let pos = this.#pos
    let lo = low >>> 0
    let hi = high >>> 0
    while (hi !== 0 || lo > 0x7f) {
      buf[pos++] = (lo & 0x7f) | 0x80
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    buf[pos++] = lo
    this.#pos = pos
  }

  /** Four bytes, little-endian; takes signed and unsigned numbers. */
  fixed32(value: number): void {
    this.#ensure(4)
    this.#view.setInt32(this.#pos, value, true)
    this.#pos += 4
  }

  /** Eight bytes, little-endian; takes signed and unsigned numbers. */
  fixed64(value: bigint): void {
    this.#ensure(8)
    this.#view.setBigInt64(this.#pos, value, true)
    this.#pos += 8
  }

  /** A 32-bit floating point number. */
  float(value: number): void {
    this.#ensure(4)
    this.#view.setFloat32(this.#pos, value, true)
    this.#pos += 4
  }

  /** A 64-bit floating point number. */
  double(value: number): void {
    this.#ensure(8)
    this.#view.setFloat64(this.#pos, value, true)
    this.#pos += 8
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const length = value.length
    this.#ensure(length)
    const buf = this.#buf
    const pos = this.#pos
    if (length > COPIED_LENGTH_MAX) buf.set(value, pos)
    else for (let i = 0; i < length; i++) buf[pos + i] = value[i] as number
    this.#pos = pos + length
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length)
    this.raw(value)
  }

  /** Text as UTF-8 with its length before it; lone surrogates become U+FFFD. */
  string(value: string): void {
    const length = value.length
    this.#ensure(length * 3 + 5)
    if (length > ASCII_LENGTH_MAX || !this.#ascii(value, length)) this.#utf8(value, length)
  }

  #ascii(value: string, length: number): boolean {
    const buf = this.#buf
    let pos = this.#pos
    buf[pos++] = length
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return false
      buf[pos++] = code
    }
    this.#pos = pos
    return true
  }

  /** The same for text that is likely to come again, such as names of types. */
  name(value: string): void {
    const length = value.length
    if (length > KEPT_LENGTH_MAX || length === 0) {
      this.string(value)
      return
    }
    const place =
      (length * 31 + value.charCodeAt(length - 1) * 7 + value.charCodeAt(length >> 1) * 5) %
      MEMORY_LENGTH
    const kept = memory[place]
    if (kept !== undefined && kept.text === value) {
      this.raw(kept.bytes)
      return
    }
    const from = this.length
    this.string(value)
    memory[place] = { text: value, bytes: this.#buf.slice(this.#from + from, this.#pos) }
  }

  #utf8(value: string, length: number): void {
    // The text is written where it will stand if its prefix is as long as for ASCII.
    const guess = varintLength(length)
    const from = this.#pos + guess
    const { written } = encoder.encodeInto(value, this.#buf.subarray(from))
    const prefix = varintLength(written)
    if (prefix !== guess) this.#buf.copyWithin(this.#pos + prefix, from, from + written)
    this.uint32(written)
    this.#pos += written
  }

  /**
   * Begins something with a length prefix of, presumably, so many bytes; hand the result to
   * {@link ByteWriter.close}, with the same number.
   */
  open(prefix = 1): number {
    this.#ensure(prefix)
    const opened = this.#pos - this.#from
    this.#pos += prefix
    return opened
  }

  /** Ends it: what was written since gets its length before it. Answers how long its prefix is. */
  close(opened: number, prefix = 1): number {
    const at = this.#from + opened
    const length = this.#pos - at - prefix
    const needed = varintLength(length)
    if (needed !== prefix) this.#shift(at + prefix, needed - prefix)
    const buf = this.#buf
    let pos = this.#from + opened
    let rest = length
    while (rest > 0x7f) {
      buf[pos++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buf[pos] = rest
    return needed
  }

  /** Moves all from a place on by so many bytes. */
  #shift(place: number, by: number): void {
    const offset = place - this.#from
    if (by > 0) this.#ensure(by)
    const from = this.#from + offset
    this.#buf.copyWithin(from + by, from, this.#pos)
    this.#pos += by
  }
}

/** Bytes that a number takes as an unsigned varint. */
function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
