/**
 * Encodes and decodes protobuf messages faster than the protobuf runtime, with the same results.
 *
 * 1. What is encoded is byte for byte what `toBinary` makes; what is decoded cannot be told from
 *    what `fromBinary` makes, the order of properties included.
 * 2. The fast path knows plain messages of proto3 files and what plain encoders write. At the first
 *    thing it does not know (unknown fields, proto2, groups, a value of the wrong type, malformed
 *    bytes) it gives up, and the runtime does all of it again. So the runtime alone decides what is
 *    an error.
 */
import {
  type DescMessage,
  fromBinary,
  type Message,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { ByteReader } from './codec/byte-reader.ts'
import { ByteWriter } from './codec/byte-writer.ts'
import type { Bag, MessagePlan } from './codec/message-plan.ts'
import { planOf } from './codec/plan-message.ts'

/** Encodes and decodes messages of one type. */
export interface MessageCodec<Desc extends DescMessage = DescMessage> {
  /** The type. */
  readonly schema: Desc
  /**
   * The bytes of a message. Messages of up to 8 KiB share allocations, so `.buffer` may hold others.
   * Throws what `toBinary` throws.
   */
  encode(message: MessageShape<Desc>): Uint8Array
  /** Appends the bytes of a message to a writer. Throws what `toBinary` throws, writing nothing. */
  write(message: MessageShape<Desc>, writer: ByteWriter): void
  /**
   * The message in the bytes from `from` (default 0) up to `to` (default: their length). Fields of
   * type `bytes` are views, not copies. Throws what `fromBinary` throws.
   */
  decode(bytes: Uint8Array, from?: number, to?: number): MessageShape<Desc>
}

const codecs = new WeakMap<DescMessage, MessageCodec>()

/** The codec of a schema; made once. */
export function messageCodec<Desc extends DescMessage>(schema: Desc): MessageCodec<Desc> {
  let codec = codecs.get(schema)
  if (codec === undefined) {
    codec = new PlannedCodec(schema)
    codecs.set(schema, codec)
  }
  // The schema is the key, so the codec under it is the codec of that schema.
  return codec as unknown as MessageCodec<Desc>
}

// Nobody uses them at the moment. They are taken away while one call runs, because reading a
// property of somebody's message may run code that encodes another one.
let idleWriter: ByteWriter | undefined
let idleReader: ByteReader | undefined

class PlannedCodec implements MessageCodec {
  readonly schema: DescMessage
  readonly #plan: MessagePlan

  constructor(schema: DescMessage) {
    this.schema = schema
    this.#plan = planOf(schema)
  }

  encode(message: Message): Uint8Array {
    const writer = idleWriter ?? new ByteWriter()
    idleWriter = undefined
    try {
      this.#plan.write(message as unknown as Bag, writer)
      return writer.take()
    } catch {
      writer.rewind(0)
      return toBinary(this.schema, message)
    } finally {
      idleWriter = writer
    }
  }

  write(message: Message, writer: ByteWriter): void {
    const length = writer.length
    try {
      this.#plan.write(message as unknown as Bag, writer)
    } catch {
      writer.rewind(length)
      writer.raw(toBinary(this.schema, message))
    }
  }

  decode(bytes: Uint8Array, from = 0, to: number = bytes.length): Message {
    const reader = idleReader ?? new ByteReader()
    idleReader = undefined
    try {
      reader.start(bytes, from)
      return this.#plan.read(reader, to) as unknown as Message
    } catch {
      return fromBinary(this.schema, bytes.subarray(from, to))
    } finally {
      reader.start(NOTHING, 0)
      idleReader = reader
    }
  }
}

const NOTHING = new Uint8Array(0)
