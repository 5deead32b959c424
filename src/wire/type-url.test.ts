import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { OrderCreatedSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { NotificationSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { PROJECTION_TYPE_URL } from './constants.ts'
import {
  frameworkMessageOf,
  fullTypeUrl,
  isProjectionTypeUrl,
  typeNameFromUrl,
  typeUrl,
  typeUrlMatches,
  wireName,
} from './type-url.ts'

describe('a type URL', () => {
  test('is the prefix and the full name', () => {
    assert.equal(typeUrl('orders.OrderCreated'), 'type.googleapis.com/orders.OrderCreated')
    assert.equal(wireName('orders.OrderCreated'), 'orders.OrderCreated')
  })

  test('is made of a schema or of a message', () => {
    const expected = 'type.googleapis.com/orders.OrderCreated'
    assert.equal(fullTypeUrl(OrderCreatedSchema), expected)
    assert.equal(fullTypeUrl(create(OrderCreatedSchema)), expected)
    assert.equal(
      fullTypeUrl(NotificationSchema),
      'type.googleapis.com/angzarr_client.proto.angzarr.Notification',
    )
  })

  test('yields the name behind its last slash', () => {
    assert.equal(typeNameFromUrl('type.googleapis.com/orders.OrderCreated'), 'orders.OrderCreated')
    assert.equal(typeNameFromUrl('a/b/c.D'), 'c.D')
    assert.equal(typeNameFromUrl('/c.D'), 'c.D')
    assert.equal(typeNameFromUrl('c.D'), 'c.D')
    assert.equal(typeNameFromUrl(''), '')
  })

  test('matches its own full name only [client-C-0372, client-C-0373]', () => {
    const url = 'type.googleapis.com/orders.v1.OrderCreated'
    assert.equal(typeUrlMatches(url, 'orders.v1.OrderCreated'), true)
    assert.equal(typeUrlMatches(url, 'orders.v2.OrderCreated'), false)
    assert.equal(typeUrlMatches(url, 'OrderCreated'), false)
    assert.equal(typeUrlMatches('/orders.v1.OrderCreated', 'orders.v1.OrderCreated'), false)
    assert.equal(
      typeUrlMatches('other.com/orders.v1.OrderCreated', 'orders.v1.OrderCreated'),
      false,
    )
  })
})

describe('a message of the framework', () => {
  test('is known in every generation and with every prefix', () => {
    const urls = [
      'type.googleapis.com/angzarr_client.proto.angzarr.Notification',
      'type.googleapis.com/angzarr_client.proto.angzarr.v1.Notification',
      '/io.angzarr.v1.Notification',
      'type.angzarr.io/angzarr.Notification',
      'angzarr.Notification',
    ]
    for (const url of urls) assert.equal(frameworkMessageOf(url), 'Notification')
  })

  test('is not what only ends like one', () => {
    assert.equal(frameworkMessageOf('type.googleapis.com/orders.Notification'), undefined)
    assert.equal(frameworkMessageOf('type.googleapis.com/my.angzarr.Notification'), undefined)
    assert.equal(frameworkMessageOf('type.googleapis.com/angzarr.OrderCreated'), undefined)
    assert.equal(frameworkMessageOf('Notification'), undefined)
    assert.equal(frameworkMessageOf(''), undefined)
  })

  test('a projection is known by its bare name, which no strict match accepts', () => {
    assert.equal(typeUrlMatches(PROJECTION_TYPE_URL, PROJECTION_TYPE_URL), false)
    assert.equal(isProjectionTypeUrl(PROJECTION_TYPE_URL), true)
    assert.equal(isProjectionTypeUrl('angzarr.Projection'), true)
    assert.equal(isProjectionTypeUrl('/io.angzarr.v1.Projection'), true)
    assert.equal(isProjectionTypeUrl('type.googleapis.com/my.Projection'), false)
  })
})
