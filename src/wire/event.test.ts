import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import {
  ItemAddedSchema,
  OrderCreatedSchema,
  OrderNoteAddedSchema,
} from '../../test/fixtures/gen/orders_pb.ts'
import { OrderCreatedSchema as OrderCreatedV1Schema } from '../../test/fixtures/gen/orders_v1_pb.ts'
import { OrderCreatedSchema as OrderCreatedV2Schema } from '../../test/fixtures/gen/orders_v2_pb.ts'
import { CommandResponseSchema } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventPageSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from './any.ts'
import { newEventBook, newEventPage } from './book.ts'
import { sequenceOf } from './header.ts'
import { decodeEvent, eventsFromResponse } from './event.ts'

const created = create(OrderCreatedSchema, { orderId: 'o-1' })
const page = newEventPage(4, packAny(OrderCreatedSchema, created), 1_500_000_000n)

function pageOf(typeUrl: string, value = new Uint8Array(0)) {
  return newEventPage(0, create(AnySchema, { typeUrl, value }))
}

describe('decodeEvent', () => {
  test('returns an event of exactly this type [client-C-0365]', () => {
    assert.deepStrictEqual(decodeEvent(page, OrderCreatedSchema), created)
    assert.deepStrictEqual(decodeEvent({ proto: () => page }, OrderCreatedSchema), created)
  })

  test('returns nothing for a shortened name [client-C-0366]', () => {
    assert.equal(decodeEvent(pageOf('OrderCreated'), OrderCreatedSchema), undefined)
    assert.equal(
      decodeEvent(pageOf('type.googleapis.com/OrderCreated'), OrderCreatedSchema),
      undefined,
    )
  })

  test('returns nothing for another type, without an error [client-C-0367]', () => {
    assert.equal(decodeEvent(page, ItemAddedSchema), undefined)
  })

  test('tells two versions of a package apart [client-C-0372, client-C-0373]', () => {
    const first = newEventPage(0, packAny(OrderCreatedV1Schema, create(OrderCreatedV1Schema)))
    assert.equal(decodeEvent(first, OrderCreatedV2Schema), undefined)
    assert.notEqual(decodeEvent(first, OrderCreatedV1Schema), undefined)
  })

  test('returns defaults for empty bytes [client-C-0375, client-C-0378]', () => {
    const empty = pageOf('type.googleapis.com/orders.OrderCreated')
    assert.deepStrictEqual(decodeEvent(empty, OrderCreatedSchema), create(OrderCreatedSchema))
  })

  test('returns nothing for malformed bytes', () => {
    const corrupt = pageOf('type.googleapis.com/orders.OrderCreated', Uint8Array.of(10, 200))
    assert.equal(decodeEvent(corrupt, OrderCreatedSchema), undefined)
  })

  test('returns nothing without an event or with one that lies elsewhere [client-C-0377]', () => {
    assert.equal(decodeEvent(create(EventPageSchema), OrderCreatedSchema), undefined)
    const external = create(EventPageSchema, {
      payload: { case: 'external', value: { uri: 's3://payloads/abc.bin' } },
    })
    assert.equal(decodeEvent(external, OrderCreatedSchema), undefined)
  })
})

describe('a page', () => {
  test('shows its sequence, its time and its event [client-C-0368, client-C-0369, client-C-0370]', () => {
    assert.equal(sequenceOf(page.header), 4)
    assert.deepStrictEqual(page.createdAt?.seconds, 1n)
    assert.deepStrictEqual(page.createdAt?.nanos, 500_000_000)
    assert.equal(page.payload.case, 'event')
  })

  test('shows where its event was put [client-C-0371]', () => {
    const external = create(EventPageSchema, {
      payload: { case: 'external', value: { uri: 's3://payloads/abc.bin' } },
    })
    assert.ok(external.payload.case === 'external')
    assert.equal(external.payload.value.uri, 's3://payloads/abc.bin')
  })
})

describe('eventsFromResponse', () => {
  const response = create(CommandResponseSchema, {
    events: newEventBook({
      pages: [
        page,
        newEventPage(5, packAny(ItemAddedSchema, create(ItemAddedSchema, { sku: 'chai' }))),
        newEventPage(6, packAny(OrderNoteAddedSchema, create(OrderNoteAddedSchema))),
      ],
    }),
  })

  test('lists the pages of the response [client-C-0380]', () => {
    assert.deepStrictEqual(eventsFromResponse(response), response.events?.pages)
  })

  test('is empty without a book [client-C-0381]', () => {
    assert.deepStrictEqual(eventsFromResponse(create(CommandResponseSchema)), [])
  })

  test('events of several types are decoded each by its own [client-C-0382, client-C-0383]', () => {
    const names = eventsFromResponse(response).map(
      (each) =>
        decodeEvent(each, OrderCreatedSchema)?.$typeName ??
        decodeEvent(each, ItemAddedSchema)?.$typeName,
    )
    assert.deepStrictEqual(names, ['orders.OrderCreated', 'orders.ItemAdded', undefined])
  })

  test('events of one type are picked out [client-C-0384]', () => {
    const items = eventsFromResponse(response).flatMap(
      (each) => decodeEvent(each, ItemAddedSchema) ?? [],
    )
    assert.deepStrictEqual(
      items.map(({ sku }) => sku),
      ['chai'],
    )
  })
})
