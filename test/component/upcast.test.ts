import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, type Message, toBinary } from '@bufbuild/protobuf'
import { TimestampSchema } from '@bufbuild/protobuf/wkt'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import { upcaster } from '../../src/component/decorate-class.ts'
import { upcasts } from '../../src/component/decorate-method.ts'
import { upcastChain } from '../../src/component/upcast.ts'
import type { EventPage } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { EventPageSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { UpcastRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import {
  type PriceSetV1,
  PriceSetV1Schema,
  type PriceSetV2,
  PriceSetV2Schema,
  PriceSetV3Schema,
  PriceSetV4Schema,
} from '../fixtures/gen/versions_pb.ts'
import { corruptPage, make, outline, pagesOf } from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'
import { upcasterRouter } from './routers.ts'

const price = (name: string) => defineUpcaster({ name, domain: 'price' })
const first = price('first').upcasts(PriceSetV1Schema, PriceSetV2Schema, ({ sku, price: units }) =>
  create(PriceSetV2Schema, { sku, priceCents: units * 100 }),
)
const second = price('second').upcasts(PriceSetV2Schema, PriceSetV3Schema, async (old) => {
  await Promise.resolve()
  return create(PriceSetV3Schema, { sku: old.sku, priceCents: old.priceCents, currency: 'EUR' })
})
const third = price('third').upcasts(PriceSetV3Schema, PriceSetV4Schema, ({ sku }) =>
  create(PriceSetV4Schema, { sku }),
)
const old = (): Message => make(PriceSetV1Schema, { sku: 'tea', price: 3 })
const request = (events: EventPage[], domain = 'price') =>
  create(UpcastRequestSchema, { domain, events })

describe('upcaster dispatch', () => {
  test('hands what one upcaster made to the next [client-C-0136]', async () => {
    const { events } = await upcasterRouter(first, second).dispatch(request(pagesOf([old()])))
    const renewed = make(PriceSetV3Schema, { sku: 'tea', priceCents: 300, currency: 'EUR' })
    assert.deepEqual(events, pagesOf([renewed]))
  })

  test('stops where no rule leads on [client-C-0137]', async () => {
    const { events } = await upcasterRouter(first, third).dispatch(request(pagesOf([old()])))
    assert.deepEqual(outline(events), [['versions.PriceSetV2', 0]])
  })

  test('keeps number, order, header, time and cascade of the pages', async () => {
    const [page = assert.fail()] = pagesOf([old()], 7)
    const createdAt = create(TimestampSchema, { seconds: 5n })
    const stored: EventPage = { ...page, createdAt, noCommit: true, cascadeId: 'c-1' }
    const other = corruptPage('unknown.Type', 8)
    const external = create(EventPageSchema, { payload: { case: 'external', value: {} } })
    const { events } = await upcasterRouter(first).dispatch(request([stored, other, external]))
    assert.equal(events.length, 3)
    const { payload: _new, ...kept } = events[0] ?? assert.fail()
    const { payload: _old, ...before } = stored
    assert.deepEqual(kept, before)
    assert.equal(events[1], other)
    assert.equal(events[2], external)
  })

  test('leaves other domains alone', async () => {
    const pages = pagesOf([old()])
    const { events } = await upcasterRouter(first).dispatch(request(pages, 'order'))
    assert.equal(events[0], pages[0])
  })

  test('applies one rule of a class at most', async () => {
    @upcaster({ name: 'prices', domain: 'price' })
    class Prices {
      @upcasts('versions.PriceSetV1', 'versions.PriceSetV2') one({ sku }: PriceSetV1) {
        return create(PriceSetV2Schema, { sku })
      }
      @upcasts(PriceSetV2Schema, PriceSetV3Schema) two({ sku }: PriceSetV2) {
        return create(PriceSetV3Schema, { sku })
      }
    }
    const once = await upcasterRouter(Prices).dispatch(request(pagesOf([old()])))
    assert.deepEqual(outline(once.events), [['versions.PriceSetV2', 0]])
    const twice = await upcasterRouter(Prices, Prices).dispatch(request(pagesOf([old()])))
    assert.deepEqual(outline(twice.events), [['versions.PriceSetV3', 0]])
  })

  test('lets the message decide about its type, whatever was declared', async () => {
    const lying = price('lying').upcasts(PriceSetV1Schema, 'versions.PriceSetV2', () =>
      create(PriceSetV4Schema, { sku: 'tea' }),
    )
    const { events } = await upcasterRouter(lying).dispatch(request(pagesOf([old()])))
    assert.deepEqual(outline(events), [['versions.PriceSetV4', 0]])
  })

  test('makes an instance for each transformation', async () => {
    let made = 0
    @upcaster({ name: 'prices', domain: 'price' })
    class Prices {
      constructor() {
        made++
      }
      @upcasts(PriceSetV1Schema, PriceSetV2Schema) one({ sku }: PriceSetV1) {
        return create(PriceSetV2Schema, { sku })
      }
    }
    const pages = pagesOf([old(), old(), make(PriceSetV4Schema)])
    await upcasterRouter(Prices).dispatch(request(pages))
    assert.equal(made, 2)
  })

  test('refuses an answer that is no message', async () => {
    const wrong = price('wrong').upcasts(
      PriceSetV1Schema,
      PriceSetV2Schema,
      () => ({ sku: 'tea' }) as PriceSetV2, // the types refuse it
    )
    await assert.rejects(
      upcasterRouter(wrong).dispatch(request(pagesOf([old()]))),
      dispatch('UPCASTER_WRONG_RESPONSE_KIND', 'INTERNAL', {
        expected_kind: 'message',
        actual: 'Object',
        field: 'upcasts(versions.PriceSetV1, versions.PriceSetV2)',
      }),
    )
  })

  test('refuses malformed bytes of a type with a rule', async () => {
    const pages = [corruptPage('versions.PriceSetV1')]
    await assert.rejects(upcasterRouter(first).dispatch(request(pages)), coded('ANY_DECODE_FAILED'))
  })
})

describe('the chain of upcasters', () => {
  const chain = upcastChain([first.definition, third.definition])

  test('answers at once when every rule does', () => {
    const bytes = toBinary(PriceSetV1Schema, make(PriceSetV1Schema, { sku: 'tea', price: 3 }))
    const renewed = chain.upcast('price', { typeName: 'versions.PriceSetV1', bytes })
    const expected = make(PriceSetV2Schema, { sku: 'tea', priceCents: 300 })
    assert.ok('typeName' in renewed)
    assert.deepEqual(
      [renewed.typeName, [...renewed.bytes]],
      ['versions.PriceSetV2', [...toBinary(PriceSetV2Schema, expected)]],
    )
  })

  test('answers with the same object when nothing changes', () => {
    const event = { typeName: 'versions.PriceSetV2', bytes: new Uint8Array([0xff]) }
    assert.equal(chain.upcast('price', event), event)
    assert.equal(chain.upcast('order', event), event)
    assert.equal(upcastChain([]).upcast('price', event), event)
  })

  test('knows which domains and types it may change', () => {
    assert.deepEqual([chain.concerns('price'), chain.concerns('order')], [true, false])
    const types = ['versions.PriceSetV1', 'versions.PriceSetV2', 'versions.PriceSetV3']
    assert.deepEqual(
      types.map((type) => chain.renews('price', type)),
      [true, false, true],
    )
    assert.equal(chain.renews('order', 'versions.PriceSetV1'), false)
  })
})
