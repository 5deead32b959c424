/**
 * The scalar types by the numbers that descriptors give them, as constants that a switch can jump
 * by, and their wire types.
 */

export const DOUBLE = 1
export const FLOAT = 2
export const INT64 = 3
export const UINT64 = 4
export const INT32 = 5
export const FIXED64 = 6
export const FIXED32 = 7
export const BOOL = 8
export const STRING = 9
export const BYTES = 12
export const UINT32 = 13
export const SFIXED32 = 15
export const SFIXED64 = 16
export const SINT32 = 17
export const SINT64 = 18
/** Ours: a string from a small vocabulary, such as a type URL. */
export const NAME = 99

export const WIRE_VARINT = 0
export const WIRE_FIXED64 = 1
export const WIRE_LENGTH = 2
export const WIRE_FIXED32 = 5

/** The wire type that values of a scalar type are written with. */
export function wireTypeOf(scalar: number): number {
  switch (scalar) {
    case STRING:
    case NAME:
    case BYTES:
      return WIRE_LENGTH
    case DOUBLE:
    case FIXED64:
    case SFIXED64:
      return WIRE_FIXED64
    case FLOAT:
    case FIXED32:
    case SFIXED32:
      return WIRE_FIXED32
    default:
      return WIRE_VARINT
  }
}
