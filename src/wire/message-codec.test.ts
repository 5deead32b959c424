import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  MoodSchema,
  ScalarsSchema,
  type Tree,
  TreeSchema,
  WellKnownSchema,
} from '../../test/fixtures/gen/everything_pb.ts'
import { OldSchema } from '../../test/fixtures/gen/legacy_pb.ts'
import { OrderCreatedSchema, OrderStateSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { OrderCreatedSchema as OrderCreatedV1Schema } from '../../test/fixtures/gen/orders_v1_pb.ts'
import { OrderCreatedSchema as OrderCreatedV2Schema } from '../../test/fixtures/gen/orders_v2_pb.ts'
import { ByteWriter } from './codec/byte-writer.ts'
import { messageCodec } from './message-codec.ts'

const order = create(OrderCreatedSchema, { orderId: 'o-1', customerId: 'ada', itemCount: 3 })

describe('messageCodec', () => {
  test('one schema has one codec', () => {
    assert.equal(messageCodec(OrderCreatedSchema), messageCodec(OrderCreatedSchema))
    assert.equal(messageCodec(OrderCreatedSchema).schema, OrderCreatedSchema)
  })

  test('a message comes back', () => {
    const codec = messageCodec(OrderCreatedSchema)
    assert.deepStrictEqual(codec.decode(codec.encode(order)), order)
  })

  test('empty bytes are a message of defaults [client-C-0375, client-C-0378]', () => {
    const state = messageCodec(OrderStateSchema).decode(new Uint8Array(0))
    assert.deepStrictEqual(state, create(OrderStateSchema))
  })

  test('lists of one message are not those of the next', () => {
    const codec = messageCodec(OrderStateSchema)
    const first = codec.decode(new Uint8Array(0))
    first.notes.push('x')
    assert.deepStrictEqual(codec.decode(new Uint8Array(0)).notes, [])
  })

  test('cut bytes are refused as by the runtime [client-C-0376]', () => {
    const bytes = toBinary(OrderCreatedSchema, order).subarray(0, 3)
    assert.throws(() => fromBinary(OrderCreatedSchema, bytes), RangeError)
    assert.throws(() => messageCodec(OrderCreatedSchema).decode(bytes), RangeError)
  })

  test('text that is no UTF-8 is refused', () => {
    const bytes = Uint8Array.of(10, 2, 0xc3, 0x28)
    assert.throws(() => messageCodec(OrderCreatedSchema).decode(bytes), TypeError)
  })

  test('fields of a newer version are kept', () => {
    const newer = create(OrderCreatedV2Schema, { orderId: 'o-1', channel: 'web' })
    const bytes = messageCodec(OrderCreatedV2Schema).encode(newer)
    const older = messageCodec(OrderCreatedV1Schema).decode(bytes)
    assert.equal(older.orderId, 'o-1')
    assert.equal(older.$unknown?.length, 1)
    assert.deepStrictEqual(messageCodec(OrderCreatedV1Schema).encode(older), bytes)
  })

  test('a message of another type is refused', () => {
    const foreign = create(ScalarsSchema) as unknown as typeof order
    assert.throws(() => messageCodec(OrderCreatedSchema).encode(foreign), {
      name: 'ForeignFieldError',
    })
  })

  test('a number of an enum that the schema does not know is kept', () => {
    const codec = messageCodec(ScalarsSchema)
    assert.equal(MoodSchema.open, true)
    const message = create(ScalarsSchema, { fMood: 77 as 0 })
    assert.equal(codec.decode(codec.encode(message)).fMood, 77)
  })

  test('negative zero is written, zero is not', () => {
    const codec = messageCodec(ScalarsSchema)
    const negative = create(ScalarsSchema, { fDouble: -0, fFloat: -0, fInt32: -0 })
    assert.deepStrictEqual(codec.encode(negative), toBinary(ScalarsSchema, negative))
    assert.equal(codec.encode(negative).length, 14)
    assert.equal(codec.encode(create(ScalarsSchema, { fDouble: 0, fFloat: 0 })).length, 0)
  })

  test('messages nest a hundred deep and no deeper, as for the runtime', () => {
    const codec = messageCodec(TreeSchema)
    const bytes = codec.encode(nested(100))
    assert.deepStrictEqual(codec.decode(bytes), nested(100))
    const deeper = codec.encode(nested(101))
    assert.throws(() => fromBinary(TreeSchema, deeper), /recursion depth/)
    assert.throws(() => codec.decode(deeper), /recursion depth/)
  })

  test('a message whose property encodes another message is encoded as it is', () => {
    const codec = messageCodec(OrderCreatedSchema)
    const expected = toBinary(OrderCreatedSchema, order)
    const tricky = {
      ...order,
      get customerId() {
        assert.deepStrictEqual(codec.encode(order), expected)
        return 'ada'
      },
    }
    assert.deepStrictEqual(codec.encode(tricky), expected)
  })

  test('what was handed out does not change when more is encoded', () => {
    const codec = messageCodec(OrderCreatedSchema)
    const sizes = [3, 100, 5000, 9000, 40_000, 3, 8192, 127, 128]
    const results = sizes.map((size) => {
      const message = create(OrderCreatedSchema, { orderId: 'x'.repeat(size) })
      return { bytes: codec.encode(message), expected: toBinary(OrderCreatedSchema, message) }
    })
    for (const { bytes, expected } of results) assert.deepStrictEqual(bytes, expected)
  })

  test('a message too large for a shared allocation has one of its own', () => {
    const large = create(OrderCreatedSchema, { orderId: 'x'.repeat(20_000) })
    const bytes = messageCodec(OrderCreatedSchema).encode(large)
    assert.equal(bytes.buffer.byteLength, bytes.length)
  })

  test('a message that cannot be encoded leaves the writer as it was', () => {
    const writer = new ByteWriter()
    const codec = messageCodec(OrderCreatedSchema)
    codec.write(order, writer)
    const { length } = writer
    const wrong = create(OrderCreatedSchema, { orderId: 'o-2', itemCount: -1 })
    assert.throws(() => codec.write(wrong, writer), /invalid uint32/)
    assert.equal(writer.length, length)
    codec.write(order, writer)
    const once = [...toBinary(OrderCreatedSchema, order)]
    assert.deepStrictEqual([...writer.take()], [...once, ...once])
  })

  test('wrapped scalars are their values', () => {
    const codec = messageCodec(WellKnownSchema)
    const message = create(WellKnownSchema, { stringValue: '', int64Value: 7n, boolValue: false })
    assert.deepStrictEqual(codec.decode(codec.encode(message)), message)
  })

  test('proto2 is left to the runtime', () => {
    const old = create(OldSchema, { name: 'x', inner: { text: 'y' } })
    const codec = messageCodec(OldSchema)
    assert.deepStrictEqual(codec.encode(old), toBinary(OldSchema, old))
    assert.deepStrictEqual(codec.decode(codec.encode(old)), old)
    assert.throws(() => codec.encode(create(OldSchema)), /required field not set/)
  })
})

/** A tree in which so many messages lie inside each other. */
function nested(depth: number): Tree {
  const tree = create(TreeSchema, { name: String(depth) })
  if (depth > 1) tree.left = nested(depth - 1)
  return tree
}
