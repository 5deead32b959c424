/** Reads one scalar value. */
import type { ByteReader } from './byte-reader.ts'
import { NOT_PLAIN } from './not-plain.ts'
import * as type from './scalar-type.ts'

/** Reads a value of the type; one with a length does not reach behind `end`. */
export function readScalar(r: ByteReader, scalar: number, end: number): unknown {
  switch (scalar) {
    case type.STRING:
      return r.string(end)
    case type.UINT32:
      return r.uint32()
    case type.INT32:
      return r.uint32() | 0
    case type.BOOL:
      return r.bool()
    case type.INT64:
      return r.int64()
    case type.BYTES:
      return r.bytes(end)
    case type.NAME:
      return r.name(end)
    case type.DOUBLE:
      return r.double()
    case type.FLOAT:
      return r.float()
    case type.UINT64:
      return r.uint64()
    case type.SINT32:
      return r.sint32()
    case type.SINT64:
      return r.sint64()
    case type.FIXED32:
      return r.fixed32()
    case type.SFIXED32:
      return r.sfixed32()
    case type.FIXED64:
      return r.fixed64()
    case type.SFIXED64:
      return r.sfixed64()
    default:
      throw NOT_PLAIN
  }
}
