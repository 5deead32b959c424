import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create, fromBinary } from '@bufbuild/protobuf'
import { defineProjector, type ProjectorFunctions } from '../../src/component/define-projector.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import {
  type EventBook,
  EventBookSchema,
  EventRequestSchema,
  PageHeaderSchema,
  type Projection,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate, orderSummary } from './shop.ts'
import { twice as test } from './twice.ts'
import { until } from './until.ts'

async function stored(shop: Shop, root = 'order-1'): Promise<EventBook> {
  return await shop.client('order').query(root).getEventBook()
}

function awaited(shop: Shop, events: EventBook): Promise<Projection> {
  return shop.services.handleSync(create(EventRequestSchema, { events }))
}

/** Sees orders, in its own time. */
function watching(
  see: (orderId: string) => void | Promise<void>,
  name = 'watching',
): ProjectorFunctions {
  return defineProjector({ name, domains: ['order'] }).handles(
    orders.OrderCreatedSchema,
    ({ orderId }, { speculative }) => (speculative ? undefined : see(orderId)),
  )
}

function gate(): { readonly open: () => void; readonly pass: () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, pass: () => promise }
}

describe('waiting for the projection of stored events', () => {
  test('answers with the last event and the row as it stands, and projects nothing twice', async () => {
    const seen: string[] = []
    await using shop = await openShop([
      orderAggregate(),
      orderSummary,
      watching((orderId) => void seen.push(orderId)),
    ])
    await createOrder(shop, 'order-1')
    const book = await stored(shop)
    for (const again of [1, 2]) {
      const { projector, sequence, cover, projection } = await awaited(shop, book)
      assert.deepEqual(
        [projector, sequence, cover?.domain],
        ['order-summary', 0, 'order'],
        `${again}`,
      )
      assert.equal(projection?.typeUrl, 'type.googleapis.com/orders.OrderState')
      const row = await shop.projection('order-summary').get(orders.OrderStateSchema, 'order-1')
      assert.deepEqual(fromBinary(orders.OrderStateSchema, projection.value), row)
    }
    assert.deepEqual(seen, ['order-1'])
  })

  test('lasts until every projector that follows them has taken them in [weakness-29]', async () => {
    const { open, pass } = gate()
    let begun = false
    const slow = watching(async () => {
      begun = true
      await pass()
    })
    await using shop = await openShop([orderAggregate(), orderSummary, slow])
    await createOrder(shop, 'order-1')
    let answered = false
    const waiting = awaited(shop, await stored(shop)).then((projection) => {
      answered = true
      return projection
    })
    await until(() => begun)
    await shop.client('order').query('order-1').getPages()
    assert.equal(answered, false)
    open()
    assert.equal((await waiting).projector, 'order-summary')
  })

  test('ends when its time is up; the projection goes on', async () => {
    const { open, pass } = gate()
    const seen: string[] = []
    const slow = watching(async (orderId) => {
      await pass()
      seen.push(orderId)
    })
    await using shop = await openShop([orderAggregate(), slow], { limits: { syncWaitMs: 20 } })
    await createOrder(shop, 'order-1')
    const { code, grpcStatus } = await refusalOf(awaited(shop, await stored(shop)))
    assert.deepEqual([code, grpcStatus], ['SYNC_WAIT_EXCEEDED', 'DEADLINE_EXCEEDED'])
    open()
    await shop.settled()
    assert.deepEqual(seen, ['order-1'])
  })

  test('is refused with what keeps a projector from it, then and while its stream is parked', async () => {
    const { open, pass } = gate()
    const failing = watching(async () => {
      await pass()
      throw CommandRejectedError.preconditionFailed('NO_ROOM', 'no room')
    })
    await using shop = await openShop([orderAggregate(), failing])
    await createOrder(shop, 'order-1')
    const book = await stored(shop)
    const waiting = refusalOf(awaited(shop, book))
    open()
    const first = await waiting
    assert.ok(['NO_ROOM', 'KEY_PARKED'].includes(first.code), first.code)
    await shop.settled()
    const { code, grpcStatus } = await refusalOf(awaited(shop, book))
    assert.deepEqual([code, grpcStatus], ['KEY_PARKED', 'FAILED_PRECONDITION'])
  })

  test('is refused for events that nobody has stored, and projects nothing', async () => {
    const seen: string[] = []
    await using shop = await openShop([
      orderAggregate(),
      watching((orderId) => void seen.push(orderId)),
    ])
    await createOrder(shop, 'order-1')
    await shop.settled()
    const book = await stored(shop)
    const [page] = book.pages
    assert.ok(page)
    const header = create(PageHeaderSchema, { sequenceType: { case: 'sequence', value: 1 } })
    const invented = create(EventBookSchema, { ...book, pages: [page, { ...page, header }] })
    const { code, grpcStatus } = await refusalOf(awaited(shop, invented))
    assert.deepEqual([code, grpcStatus], ['EVENTS_NOT_STORED', 'NOT_FOUND'])
    assert.deepEqual(seen, ['order-1'])
  })

  test('is refused without events, and for pages without their place', async () => {
    await using shop = await openShop([orderAggregate(), orderSummary])
    await createOrder(shop, 'order-1')
    const { cover, pages } = await stored(shop)
    assert.ok(cover)
    const placeless = create(EventBookSchema, {
      cover,
      pages: pages.map(({ payload }) => ({ payload })),
    })
    for (const request of [
      {},
      { events: placeless },
      { events: create(EventBookSchema, { pages }) },
    ]) {
      const asked = shop.services.handleSync(create(EventRequestSchema, request))
      assert.equal((await refusalOf(asked)).grpcStatus, 'INVALID_ARGUMENT')
    }
  })

  test('of events that nobody follows is answered with their cover', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    const { projector, cover, projection } = await awaited(shop, await stored(shop))
    assert.deepEqual([projector, cover?.domain, projection], ['', 'order', undefined])
  })
})
