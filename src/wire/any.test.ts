import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { type Any, anyPack, AnySchema } from '@bufbuild/protobuf/wkt'
import { OrderCompletedSchema, OrderCreatedSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { anyIs, packAny, tryUnpackAny, unpackAny } from './any.ts'

const created = create(OrderCreatedSchema, { orderId: 'o-1', itemCount: 2 })
const packed = packAny(OrderCreatedSchema, created)
const corrupt = create(AnySchema, { typeUrl: packed.typeUrl, value: Uint8Array.of(10, 200) })

function refused(any: Any): InvalidArgumentError {
  try {
    unpackAny(OrderCreatedSchema, any)
  } catch (error) {
    assert.ok(error instanceof InvalidArgumentError)
    return error
  }
  throw new Error('nothing was thrown')
}

describe('packAny', () => {
  test('packs as the runtime does', () => {
    assert.deepStrictEqual(packed, anyPack(OrderCreatedSchema, created))
  })
})

describe('unpackAny', () => {
  test('returns the message [client-C-0374]', () => {
    assert.deepStrictEqual(unpackAny(OrderCreatedSchema, packed), created)
  })

  test('refuses another type with both names', () => {
    const { code, details, message } = refused(
      packAny(OrderCompletedSchema, create(OrderCompletedSchema)),
    )
    assert.equal(code, 'ANY_TYPE_MISMATCH')
    assert.equal(message, 'Any type_url does not match expected message type')
    assert.deepStrictEqual(details, {
      expected: 'orders.OrderCreated',
      actual: 'orders.OrderCompleted',
    })
  })

  test('refuses the right name under another prefix and shows the URL', () => {
    const foreign = create(AnySchema, { typeUrl: '/orders.OrderCreated', value: packed.value })
    const { code, details } = refused(foreign)
    assert.equal(code, 'ANY_TYPE_MISMATCH')
    assert.equal(details['actual'], '/orders.OrderCreated')
  })

  test('refuses malformed bytes with the cause [client-C-0376]', () => {
    const { code, details, cause, message } = refused(corrupt)
    assert.equal(code, 'ANY_DECODE_FAILED')
    assert.equal(message, 'failed to decode Any payload into expected message type')
    assert.equal(details['expected'], 'orders.OrderCreated')
    assert.equal(details['cause'], (cause as Error).message)
  })
})

describe('tryUnpackAny', () => {
  test('returns the message if it is of the type, else nothing [client-C-0367, client-C-0377]', () => {
    assert.deepStrictEqual(tryUnpackAny(OrderCreatedSchema, packed), created)
    assert.equal(tryUnpackAny(OrderCompletedSchema, packed), undefined)
    assert.equal(tryUnpackAny(OrderCreatedSchema, corrupt), undefined)
    assert.equal(tryUnpackAny(OrderCreatedSchema, undefined), undefined)
  })
})

describe('anyIs', () => {
  test('compares the whole URL', () => {
    assert.equal(anyIs(OrderCreatedSchema, packed), true)
    assert.equal(anyIs(OrderCompletedSchema, packed), false)
    assert.equal(anyIs(OrderCreatedSchema, undefined), false)
    assert.equal(anyIs(OrderCreatedSchema, create(AnySchema, { typeUrl: 'OrderCreated' })), false)
  })
})
