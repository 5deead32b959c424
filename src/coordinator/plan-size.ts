/** Whether a message is too large, found out without encoding what is certainly small. Pure. */
import type { DescMessage, Message } from '@bufbuild/protobuf'
import { messageCodec } from '../wire/message-codec.ts'

/** Bytes that a field takes at most beside its text: its number, its length, or a number. */
const FIELD_BYTES_MAX = 15
/** Bytes that a unit of a string takes at most. */
const UNIT_BYTES_MAX = 3

/** The encoded size of a message when it is larger than a bound; else `undefined`. */
export function sizeAbove(
  schema: DescMessage,
  message: Message,
  bytesMax: number,
): number | undefined {
  if (weigh(message, bytesMax) >= 0) return undefined
  const size = messageCodec(schema).encode(message).length
  return size > bytesMax ? size : undefined
}

/** What is left of an allowance after a value at its largest; below zero when nothing is. */
function weigh(value: unknown, allowance: number): number {
  if (typeof value === 'string') return allowance - FIELD_BYTES_MAX - value.length * UNIT_BYTES_MAX
  if (typeof value !== 'object' || value === null) return allowance - FIELD_BYTES_MAX
  if (value instanceof Uint8Array) return allowance - FIELD_BYTES_MAX - value.length
  let left = allowance - FIELD_BYTES_MAX
  // Names count too: those of a map are written out.
  for (const [name, part] of Object.entries(value)) {
    left = weigh(part, left - name.length * UNIT_BYTES_MAX)
    if (left < 0) return left
  }
  return left
}
