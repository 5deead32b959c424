/** Writes one scalar value, if it is one that its type can hold. */
import type { ByteWriter } from './byte-writer.ts'
import { NOT_PLAIN } from './not-plain.ts'
import * as type from './scalar-type.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const UINT64_MAX = 2n ** 64n - 1n

/** Writes a value; `number` is the field it has within a map entry. Else `NOT_PLAIN`. */
export function writeScalar(w: ByteWriter, scalar: number, value: unknown, number = 0): void {
  if (number !== 0) w.uint32((number << 3) | type.wireTypeOf(scalar))
  switch (scalar) {
    case type.STRING:
      if (typeof value !== 'string') throw NOT_PLAIN
      return w.string(value)
    case type.NAME:
      if (typeof value !== 'string') throw NOT_PLAIN
      return w.name(value)
    case type.UINT32:
      if ((value as number) >>> 0 !== value) throw NOT_PLAIN
      return w.uint32(value)
    case type.INT32:
      if (((value as number) | 0) !== value) throw NOT_PLAIN
      return w.int32(value)
    case type.BOOL:
      if (typeof value !== 'boolean') throw NOT_PLAIN
      return w.uint32(value ? 1 : 0)
    case type.INT64:
      return w.int64(signed(value))
    case type.UINT64:
      return w.int64(unsigned(value))
    case type.BYTES:
      if (!(value instanceof Uint8Array)) throw NOT_PLAIN
      return w.bytes(value)
    case type.DOUBLE:
      if (typeof value !== 'number') throw NOT_PLAIN
      return w.double(value)
    default:
      return writeRare(w, scalar, value)
  }
}

function writeRare(w: ByteWriter, scalar: number, value: unknown): void {
  switch (scalar) {
    case type.FLOAT:
      if (typeof value !== 'number') throw NOT_PLAIN
      if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw NOT_PLAIN
      return w.float(value)
    case type.SINT32:
      if (((value as number) | 0) !== value) throw NOT_PLAIN
      return w.uint32(((value << 1) ^ (value >> 31)) >>> 0)
    case type.FIXED32:
      if ((value as number) >>> 0 !== value) throw NOT_PLAIN
      return w.fixed32(value)
    case type.SFIXED32:
      if (((value as number) | 0) !== value) throw NOT_PLAIN
      return w.fixed32(value)
    case type.SINT64:
      return w.sint64(signed(value))
    case type.FIXED64:
      return w.fixed64(unsigned(value))
    case type.SFIXED64:
      return w.fixed64(signed(value))
    default:
      throw NOT_PLAIN
  }
}

function signed(value: unknown): bigint {
  if (typeof value !== 'bigint' || value > INT64_MAX || value < INT64_MIN) throw NOT_PLAIN
  return value
}

function unsigned(value: unknown): bigint {
  if (typeof value !== 'bigint' || value > UINT64_MAX || value < 0n) throw NOT_PLAIN
  return value
}

/** The key of a map entry from the name of a property. A name that is no such key is `NOT_PLAIN`. */
export function mapKeyOf(scalar: number, name: string): unknown {
  switch (scalar) {
    case type.STRING:
      return name
    case type.BOOL:
      if (name !== 'true' && name !== 'false') throw NOT_PLAIN
      return name === 'true'
    case type.INT64:
    case type.UINT64:
    case type.SINT64:
    case type.FIXED64:
    case type.SFIXED64:
      return BigInt(name)
    default: {
      const value = Number(name)
      if (String(value) !== name) throw NOT_PLAIN
      return value
    }
  }
}
