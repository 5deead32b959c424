import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { OrderCompletedSchema, OrderCreatedSchema } from '../../../test/fixtures/gen/orders_pb.ts'
import { OrderCreatedSchema as OrderCreatedV1 } from '../../../test/fixtures/gen/orders_v1_pb.ts'
import { OrderCreatedSchema as OrderCreatedV2 } from '../../../test/fixtures/gen/orders_v2_pb.ts'
import { EventPageSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { EventPage } from './event-page.ts'

const PREFIX = 'type.googleapis.com/'
const pageOf = (typeUrl: string, value: Uint8Array): EventPage =>
  new EventPage(
    create(EventPageSchema, {
      header: { sequenceType: { case: 'sequence', value: 3 } },
      createdAt: timestampFromMs(5000),
      payload: { case: 'event', value: { typeUrl, value } },
    }),
  )
function packed<S extends DescMessage>(schema: S, init: MessageInitShape<S>): EventPage {
  return pageOf(PREFIX + schema.typeName, toBinary(schema, create(schema, init)))
}

describe('EventPage.decodeTyped', () => {
  it('decodes exactly its type [client-C-0365]', () => {
    const page = packed(OrderCreatedSchema, { orderId: 'ord-42' })
    assert.equal(page.decodeTyped(OrderCreatedSchema)?.orderId, 'ord-42')
  })

  it('answers nothing for a type URL that only ends alike [client-C-0366]', () => {
    for (const typeUrl of ['OrderCreated', 'orders.OrderCreated', `${PREFIX}OrderCreated`]) {
      assert.equal(pageOf(typeUrl, new Uint8Array()).decodeTyped(OrderCreatedSchema), undefined)
    }
  })

  it('answers nothing for another type, without an error [client-C-0367]', () => {
    assert.equal(packed(OrderCreatedSchema, {}).decodeTyped(OrderCompletedSchema), undefined)
  })

  it('tells versions of a type apart by package [client-C-0372]', () => {
    const page = packed(OrderCreatedV1, {})
    assert.equal(page.decodeTyped(OrderCreatedV1)?.$typeName, OrderCreatedV1.typeName)
    assert.equal(page.decodeTyped(OrderCreatedV2), undefined)
  })

  it('tells the newer version from the older one as well [client-C-0373]', () => {
    const page = packed(OrderCreatedV2, {})
    assert.equal(page.decodeTyped(OrderCreatedV2)?.$typeName, OrderCreatedV2.typeName)
    assert.equal(page.decodeTyped(OrderCreatedV1), undefined)
  })

  it('keeps every field of valid bytes [client-C-0374]', () => {
    const init = { orderId: 'ord-42', customerId: 'ada', itemCount: 3 }
    const decoded = packed(OrderCreatedSchema, init).decodeTyped(OrderCreatedSchema)
    assert.deepEqual(decoded, create(OrderCreatedSchema, init))
  })

  it('makes an empty message of no bytes [client-C-0375]', () => {
    const page = pageOf(`${PREFIX}orders.OrderCreated`, new Uint8Array())
    assert.deepEqual(page.decodeTyped(OrderCreatedSchema), create(OrderCreatedSchema))
  })

  it('answers nothing for bytes that cannot be decoded [client-C-0376]', () => {
    const page = pageOf(`${PREFIX}orders.OrderCreated`, Uint8Array.of(0x0a, 0xff))
    assert.equal(page.decodeTyped(OrderCreatedSchema), undefined)
  })

  it('answers nothing when the page has no event [client-C-0377]', () => {
    const page = new EventPage(create(EventPageSchema))
    assert.equal(page.decodeTyped(OrderCreatedSchema), undefined)
    assert.equal(page.typeUrl(), undefined)
    assert.equal(page.payload(), undefined)
  })
})

describe('EventPage', () => {
  it('says its sequence [client-C-0368]', () => {
    const page = packed(OrderCreatedSchema, {})
    assert.equal(page.sequenceNum(), 3)
    assert.equal(page.isDeferred(), false)
    assert.equal(page.header(), page.proto().header)
  })

  it('keeps the time of the event in its message [client-C-0369]', () => {
    assert.deepEqual(packed(OrderCreatedSchema, {}).proto().createdAt, timestampFromMs(5000))
  })

  it('says type and payload of an event that lies in it [client-C-0370]', () => {
    const page = packed(OrderCreatedSchema, { orderId: 'A' })
    assert.equal(page.typeUrl(), `${PREFIX}orders.OrderCreated`)
    assert.deepEqual(page.payload(), Uint8Array.of(10, 1, 65))
  })

  it('says neither for an event that lies elsewhere [client-C-0371]', () => {
    const message = create(EventPageSchema, {
      payload: { case: 'external', value: { uri: 's3://bucket/1' } },
    })
    const page = new EventPage(message)
    assert.equal(page.typeUrl(), undefined)
    assert.equal(page.payload(), undefined)
    assert.equal(page.decodeTyped(OrderCreatedSchema), undefined)
    assert.ok(message.payload.case === 'external')
    assert.equal(message.payload.value.uri, 's3://bucket/1')
  })

  it('counts a deferred or missing place as 0', () => {
    const cases = [
      [{ sequenceType: { case: 'externalDeferred', value: { externalId: 'x' } } }, true],
      [{ sequenceType: { case: 'angzarrDeferred', value: { sourceSeq: 9 } } }, true],
      [{}, false],
    ] as const
    for (const [header, deferred] of cases) {
      const page = new EventPage(create(EventPageSchema, { header }))
      assert.equal(page.sequenceNum(), 0)
      assert.equal(page.isDeferred(), deferred)
    }
    assert.equal(new EventPage(create(EventPageSchema)).header(), undefined)
  })
})
