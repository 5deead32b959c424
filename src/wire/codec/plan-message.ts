/** Works out the plan of a message type, once per schema. */
import { create, type DescField, type DescMessage } from '@bufbuild/protobuf'
import { Edition, isWrapperDesc } from '@bufbuild/protobuf/wkt'
import { readUncompiled, writeUncompiled } from './compile-when-hot.ts'
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
import * as type from './scalar-type.ts'
import { zeroMessages } from './zero-message.ts'

const plans = new WeakMap<DescMessage, MessagePlan>()

/** The plan of a schema. */
export function planOf(schema: DescMessage): MessagePlan {
  const known = plans.get(schema)
  if (known !== undefined) return known
  const template = create(schema) as unknown as Bag
  const plan: MessagePlan = {
    typeName: schema.typeName,
    plain: schema.file.edition === Edition.EDITION_PROTO3,
    fields: [],
    byTag: Array.from({ length: 128 }),
    byLongTag: new Map(),
    template,
    zero: zeroMessages(template),
    uses: 0,
    write: writeUncompiled,
    read: readUncompiled,
  }
  // Known before its fields are: a message may contain its own type.
  plans.set(schema, plan)
  if (plan.plain) fill(plan, schema)
  return plan
}

function fill(plan: MessagePlan, schema: DescMessage): void {
  let group: FieldPlan[] = []
  for (const field of schema.fields.toSorted((a, b) => a.number - b.number)) {
    const made = planField(field)
    addReader(plan, made, field)
    if (field.oneof === undefined) {
      group = []
      plan.fields.push(made)
      continue
    }
    // Cases stand together as long as no other field's number lies between them.
    const last = plan.fields.at(-1)
    if (group.length > 0 && last?.name === made.name) {
      group.push(made)
    } else {
      group = [made]
      plan.fields.push({ ...made, shape: ONEOF, cases: group })
    }
  }
}

function addReader(plan: MessagePlan, field: FieldPlan, desc: DescField): void {
  if (field.shape >= FOREIGN) return
  const add = (reader: FieldPlan): void => {
    if (reader.tag < 128) plan.byTag[reader.tag] = reader
    else plan.byLongTag.set(reader.tag, reader)
  }
  add(field)
  if (field.shape !== LIST && field.shape !== PACKED) return
  // Either form of a list is to be read, whichever the file asks for.
  const item = type.wireTypeOf(field.scalar)
  if (field.shape === PACKED) add({ ...field, shape: LIST, tag: tagOf(desc, item) })
  else if (item !== type.WIRE_LENGTH) {
    add({ ...field, shape: PACKED, tag: tagOf(desc, type.WIRE_LENGTH) })
  }
}

function planField(desc: DescField): FieldPlan {
  const base = {
    name: desc.oneof?.localName ?? desc.localName,
    caseName: desc.oneof === undefined ? '' : desc.localName,
    scalar: 0,
    zero: undefined,
    child: undefined,
    key: 0,
    cases: [],
  }
  switch (desc.fieldKind) {
    case 'scalar':
    case 'enum': {
      const scalar = scalarOf(desc)
      const shape = scalar === 0 ? FOREIGN : singularShape(desc, scalar)
      const zero = desc.fieldKind === 'enum' ? desc.enum.values[0]?.number : zeroOf(scalar)
      return { ...base, shape, scalar, zero, tag: tagOf(desc, type.wireTypeOf(scalar)) }
    }
    case 'message':
      return { ...base, ...planMessage(desc), tag: tagOf(desc, type.WIRE_LENGTH) }
    case 'list':
      return { ...base, ...planList(desc) }
    case 'map': {
      const scalar = scalarOf(desc)
      const foreign = isJson(desc) || (desc.mapKind !== 'message' && scalar === 0)
      return {
        ...base,
        shape: foreign ? FOREIGN_MAP : MAP,
        scalar,
        key: desc.mapKey,
        child: desc.mapKind === 'message' ? planOf(desc.message) : undefined,
        zero: desc.mapKind === 'enum' ? desc.enum.values[0]?.number : zeroOf(scalar),
        tag: tagOf(desc, type.WIRE_LENGTH),
      }
    }
  }
}

type Shaped = Pick<FieldPlan, 'shape' | 'scalar' | 'child' | 'tag'>

function planMessage(desc: DescField & { fieldKind: 'message' }): Omit<Shaped, 'tag'> {
  const child = planOf(desc.message)
  if (isJson(desc)) return { shape: FOREIGN, scalar: 0, child }
  if (desc.oneof !== undefined) return { shape: ONEOF_MESSAGE, scalar: 0, child }
  return { shape: isWrapperDesc(desc.message) ? WRAPPER : MESSAGE, scalar: 0, child }
}

function planList(desc: DescField & { fieldKind: 'list' }): Shaped {
  const length = tagOf(desc, type.WIRE_LENGTH)
  if (desc.listKind === 'message') {
    const shape = isJson(desc) ? FOREIGN_LIST : MESSAGE_LIST
    return { shape, scalar: 0, child: planOf(desc.message), tag: length }
  }
  const scalar = scalarOf(desc)
  const item = tagOf(desc, type.wireTypeOf(scalar))
  if (scalar === 0) return { shape: FOREIGN_LIST, scalar, child: undefined, tag: item }
  return desc.packed
    ? { shape: PACKED, scalar, child: undefined, tag: length }
    : { shape: LIST, scalar, child: undefined, tag: item }
}

/** The scalar type of a field's value, items or map values; 0 when it is none for the codecs. */
function scalarOf(desc: DescField): number {
  if (desc.enum !== undefined) return desc.enum.open ? type.INT32 : 0
  if (desc.scalar === undefined) return 0
  if ('longAsString' in desc && desc.longAsString) return 0
  const isTypeUrl = desc.parent.typeName === 'google.protobuf.Any' && desc.number === 1
  return isTypeUrl ? type.NAME : desc.scalar
}

function singularShape(desc: DescField, scalar: number): number {
  if (desc.oneof !== undefined) return ONEOF
  if (desc.proto.proto3Optional) return OPTIONAL
  if (scalar === type.BYTES) return IMPLICIT_BYTES
  return scalar === type.DOUBLE || scalar === type.FLOAT ? IMPLICIT_FLOAT : IMPLICIT
}

function zeroOf(scalar: number): unknown {
  switch (scalar) {
    case type.STRING:
    case type.NAME:
      return ''
    case type.BOOL:
      return false
    case type.BYTES:
      return undefined
    case type.INT64:
    case type.UINT64:
    case type.SINT64:
    case type.FIXED64:
    case type.SFIXED64:
      return 0n
    default:
      return 0
  }
}

/** protobuf-es shows a `Struct` as JSON, except inside a `Value`. */
function isJson(desc: DescField): boolean {
  return (
    desc.message?.typeName === 'google.protobuf.Struct' &&
    desc.parent.typeName !== 'google.protobuf.Value'
  )
}

function tagOf(desc: DescField, wireType: number): number {
  return ((desc.number << 3) | wireType) >>> 0
}
