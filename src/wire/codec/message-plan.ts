/**
 * What the codecs have to know about a message type: its fields in the order they are written, and
 * by the tags they are read with.
 *
 * Plans cover files of `syntax = "proto3"`. A field that protobuf-es represents in a way of its own
 * (a `Struct` as JSON, a 64-bit integer as text) is `FOREIGN`: as soon as a message or its bytes
 * have one, the protobuf runtime takes over.
 */
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

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
  /** A message without content, as protobuf-es makes it. Nobody changes it. */
  readonly template: Bag
  /** Makes a message without content. */
  readonly zero: () => Bag
  /** How often a message was written and read, until its code was compiled. */
  uses: number
  /** Writes the fields of a message. A value that its field cannot hold ends in `NOT_PLAIN`. */
  write: (this: MessagePlan, message: Bag, w: ByteWriter) => void
  /** Reads a message that ends at `end`. What a plain encoder does not write ends in `NOT_PLAIN`. */
  read: (this: MessagePlan, r: ByteReader, end: number) => Bag
}
