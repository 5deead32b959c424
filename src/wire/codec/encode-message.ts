/** Writes a message field by field, as its plan says. */
import type { ByteWriter } from './byte-writer.ts'
import {
  type Bag,
  type FieldPlan,
  FOREIGN,
  FOREIGN_LIST,
  FOREIGN_MAP,
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
import { mapKeyOf, writeScalar } from './write-scalar.ts'

/** Writes the fields of a message. A value that its field cannot hold ends in `NOT_PLAIN`. */
export function writeMessage(plan: MessagePlan, message: Bag, w: ByteWriter): void {
  if (message['$typeName'] !== plan.typeName || message['$unknown'] !== undefined) throw NOT_PLAIN
  if (!plan.plain) throw NOT_PLAIN
  const { fields } = plan
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as FieldPlan
    const value = message[field.name]
    switch (field.shape) {
      case IMPLICIT:
        if (value !== field.zero) writeTagged(field, value, w)
        break
      case IMPLICIT_FLOAT:
        if (value !== 0 || Object.is(value, -0)) writeTagged(field, value, w)
        break
      case IMPLICIT_BYTES:
        if (!(value instanceof Uint8Array) || value.length > 0) writeTagged(field, value, w)
        break
      case OPTIONAL:
        if (value !== undefined) writeTagged(field, value, w)
        break
      case MESSAGE:
        if (value !== undefined) writeChild(field, value, w)
        break
      case WRAPPER:
        if (value !== undefined) writeWrapped(field, value, w)
        break
      case ONEOF:
        writeCase(field, value as { case?: string; value?: unknown }, w)
        break
      case LIST:
      case PACKED:
      case MESSAGE_LIST:
        writeList(field, value as readonly unknown[], w)
        break
      case MAP:
        writeMap(field, value as Bag, w)
        break
      case FOREIGN:
        if (value !== undefined) throw NOT_PLAIN
        break
      case FOREIGN_LIST:
        if (!Array.isArray(value) || value.length > 0) throw NOT_PLAIN
        break
      case FOREIGN_MAP:
        if (Object.keys(value as object).length > 0) throw NOT_PLAIN
        break
    }
  }
}

function writeTagged(field: FieldPlan, value: unknown, w: ByteWriter): void {
  w.uint32(field.tag)
  writeScalar(w, field.scalar, value)
}

function writeChild(field: FieldPlan, value: unknown, w: ByteWriter): void {
  w.uint32(field.tag)
  const opened = w.open()
  ;(field.child as MessagePlan).write(value as Bag, w)
  w.close(opened)
}

function writeWrapped(field: FieldPlan, value: unknown, w: ByteWriter): void {
  writeChild(field, { $typeName: field.child?.typeName, value }, w)
}

function writeCase(
  group: FieldPlan,
  chosen: { readonly case?: string; readonly value?: unknown },
  w: ByteWriter,
): void {
  const name = chosen.case
  if (name === undefined) return
  const { cases } = group
  for (let i = 0; i < cases.length; i++) {
    const field = cases[i] as FieldPlan
    if (field.caseName !== name) continue
    if (field.shape === ONEOF) writeTagged(field, chosen.value, w)
    else if (field.shape === ONEOF_MESSAGE && chosen.value !== undefined) {
      writeChild(field, chosen.value, w)
    } else throw NOT_PLAIN
    return
  }
}

function writeList(field: FieldPlan, items: readonly unknown[], w: ByteWriter): void {
  if (!Array.isArray(items)) throw NOT_PLAIN
  if (items.length === 0) return
  if (field.shape === PACKED) {
    w.uint32(field.tag)
    const opened = w.open()
    for (let i = 0; i < items.length; i++) writeScalar(w, field.scalar, items[i])
    w.close(opened)
  } else if (field.shape === MESSAGE_LIST) {
    for (let i = 0; i < items.length; i++) writeChild(field, items[i], w)
  } else {
    for (let i = 0; i < items.length; i++) writeTagged(field, items[i], w)
  }
}

function writeMap(field: FieldPlan, entries: Bag, w: ByteWriter): void {
  for (const key of Object.keys(entries)) {
    w.uint32(field.tag)
    const opened = w.open()
    writeScalar(w, field.key, mapKeyOf(field.key, key), 1)
    const value = entries[key]
    if (field.child === undefined) {
      writeScalar(w, field.scalar, value, 2)
    } else {
      w.uint32(18)
      const inner = w.open()
      field.child.write(value as Bag, w)
      w.close(inner)
    }
    w.close(opened)
  }
}
