/**
 * What the codecs have to know about a message type, worked out once per schema: its fields in the
 * order they are written, and by the tags they are read with.
 *
 * Plans cover files of `syntax = "proto3"`. A field that protobuf-es represents in a way of its own
 * (a `Struct` as JSON, a 64-bit integer as text) is `FOREIGN`: as soon as a message or its bytes
 * have one, the protobuf runtime takes over.
 */
import { type DescField, type DescMessage } from '@bufbuild/protobuf'
import { Edition, isWrapperDesc } from '@bufbuild/protobuf/wkt'
import * as type from './scalar-type.ts'
import { zeroMessages } from './zero-message.ts'

/** A message as a bag of properties; the plan says what is in it. */
export type Bag = Record<string, unknown>

/** A scalar or enum that is absent when it is zero. */
export const IMPLICIT = 0
/** The same for the two types whose zero takes a closer look: floating point and bytes. */
export const IMPLICIT_FLOAT = 1
export const IMPLICIT_BYTES = 2
/** A scalar or enum that is absent when undefined. */
export const OPTIONAL = 3
/** A message. */
export const MESSAGE = 4
/** A message of `google/protobuf/wrappers.proto`, represented by its value. */
export const WRAPPER = 5
/** Scalars or enums, each with a tag. */
export const LIST = 6
/** Scalars or enums under one tag. */
export const PACKED = 7
/** Messages. */
export const MESSAGE_LIST = 8
/** Entries. */
export const MAP = 9
/** To be written: a group of cases. To be read: one case that is a scalar or enum. */
export const ONEOF = 10
/** To be read: one case of a group that is a message. */
export const ONEOF_MESSAGE = 11
/** For the protobuf runtime: a value, a list, a map. */
export const FOREIGN = 12
export const FOREIGN_LIST = 13
export const FOREIGN_MAP = 14

/** One field, or one group of cases. */
export type FieldPlan = {
  /** Property of the message: the field's own or that of its oneof group. */
  readonly name: string
  /** One of the shapes above. */
  readonly shape: number
  /** Scalar type of the value, or of the items, or of the map's values; 0 for messages. */
  readonly scalar: number
  /** Field number and wire type as one number. */
  readonly tag: number
  /** The value that is not written. */
  readonly zero: unknown
  /** Plan of the message, or of the items, or of the map's values. */
  readonly child: MessagePlan | undefined
  /** Scalar type of a map's keys. */
  readonly key: number
  /** Name of the case in its oneof group; empty outside of one. */
  readonly caseName: string
  /** The cases of a group that follow each other. */
  readonly cases: readonly FieldPlan[]
}

/** A message type. */
export type MessagePlan = {
  readonly typeName: string
  /** False: everything is for the protobuf runtime. */
  readonly plain: boolean
  /** Ascending by field number. */
  readonly fields: FieldPlan[]
  /** By tags of one byte. */
  readonly byTag: (FieldPlan | undefined)[]
  /** By longer tags. */
  readonly byLongTag: Map<number, FieldPlan>
  /** Makes a message without content. */
  readonly zero: () => Bag
}

const plans = new WeakMap<DescMessage, MessagePlan>()

/** The plan of a schema. */
export function planOf(schema: DescMessage): MessagePlan {
  const known = plans.get(schema)
  if (known !== undefined) return known
  const plan: MessagePlan = {
    typeName: schema.typeName,
    plain: schema.file.edition === Edition.EDITION_PROTO3,
    fields: [],
    byTag: Array.from({ length: 128 }),
    byLongTag: new Map(),
    zero: zeroMessages(schema),
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
