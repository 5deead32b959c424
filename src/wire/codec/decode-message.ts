/** Reads a message tag by tag, as its plan says. */
import type { ByteReader } from './byte-reader.ts'
import {
  type Bag,
  type FieldPlan,
  IMPLICIT,
  IMPLICIT_BYTES,
  IMPLICIT_FLOAT,
  LIST,
  MAP,
  MESSAGE,
  MESSAGE_LIST,
  type MessagePlan,
  ONEOF,
  ONEOF_MESSAGE,
  OPTIONAL,
  PACKED,
  WRAPPER,
} from './message-plan.ts'
import { NOT_PLAIN } from './not-plain.ts'
import { readScalar } from './read-scalar.ts'
import { wireTypeOf } from './scalar-type.ts'

/** How deep messages may be nested, as in the protobuf runtime. */
export const DEPTH_MAX = 100

/**
 * Reads a message that ends at `end`. Whatever a plain encoder would not have written ends in
 * `NOT_PLAIN`: unknown fields, other wire types, a message field given twice, a wrong length.
 */
export function readMessage(plan: MessagePlan, r: ByteReader, end: number): Bag {
  if (!plan.plain || ++r.depth > DEPTH_MAX) throw NOT_PLAIN
  const message = plan.zero()
  const { buf } = r
  while (r.pos < end) {
    const first = buf[r.pos] as number
    const field = first < 128 ? plan.byTag[first] : plan.byLongTag.get(r.uint32())
    if (field === undefined) throw NOT_PLAIN
    if (first < 128) r.pos++
    switch (field.shape) {
      case IMPLICIT:
      case OPTIONAL:
      case IMPLICIT_BYTES:
      case IMPLICIT_FLOAT:
        message[field.name] = readScalar(r, field.scalar, end)
        break
      case MESSAGE:
        if (message[field.name] !== undefined) throw NOT_PLAIN
        message[field.name] = (field.child as MessagePlan).read(r, r.extent(end))
        break
      case ONEOF:
        message[field.name] = { case: field.caseName, value: readScalar(r, field.scalar, end) }
        break
      case ONEOF_MESSAGE:
        readCase(field, message, r, end)
        break
      case MESSAGE_LIST: {
        const item = (field.child as MessagePlan).read(r, r.extent(end))
        ;(message[field.name] as unknown[]).push(item)
        break
      }
      case LIST:
        ;(message[field.name] as unknown[]).push(readScalar(r, field.scalar, end))
        break
      case PACKED:
        readPacked(field, message[field.name] as unknown[], r, r.extent(end))
        break
      case MAP:
        readEntry(field, message[field.name] as Bag, r, r.extent(end))
        break
      case WRAPPER:
        if (message[field.name] !== undefined) throw NOT_PLAIN
        message[field.name] = (field.child as MessagePlan).read(r, r.extent(end))['value']
        break
    }
  }
  if (r.pos !== end) throw NOT_PLAIN
  r.depth--
  return message
}

function readCase(field: FieldPlan, message: Bag, r: ByteReader, end: number): void {
  // The same case twice is merged; that is for the runtime.
  if ((message[field.name] as { case?: string }).case === field.caseName) throw NOT_PLAIN
  const value = (field.child as MessagePlan).read(r, r.extent(end))
  message[field.name] = { case: field.caseName, value }
}

function readPacked(field: FieldPlan, items: unknown[], r: ByteReader, end: number): void {
  while (r.pos < end) items.push(readScalar(r, field.scalar, end))
  if (r.pos !== end) throw NOT_PLAIN
}

/** Reads a map entry with its key and its value in this order, as every encoder writes them. */
function readEntry(field: FieldPlan, entries: Bag, r: ByteReader, end: number): void {
  if (r.uint32() !== (8 | wireTypeOf(field.key))) throw NOT_PLAIN
  const key = String(readScalar(r, field.key, end))
  const { child } = field
  if (r.uint32() !== (16 | (child === undefined ? wireTypeOf(field.scalar) : 2))) throw NOT_PLAIN
  const value =
    child === undefined ? readScalar(r, field.scalar, end) : child.read(r, r.extent(end))
  // An ordinary assignment would take this key for the prototype.
  if (r.pos !== end || key === '__proto__') throw NOT_PLAIN
  entries[key] = value
}
