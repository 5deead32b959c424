import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Component } from '../../src/component/definition.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { Write } from '../../src/ledger/ledger.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { type FaultyShop, openFaultyShop } from './faulty-shop.ts'
import { addStock, createOrder } from './shop-commands.ts'
import { compensatingOrder, reserveStock, stock } from './shop.ts'
import { messagesIn, rowsOf, storedEvents } from './stored-events.ts'

/** A saga whose command is delivered by itself, because it emits two. */
const reserving: Component = defineSaga({
  name: 'reserving',
  source: 'order',
  target: 'inventory',
}).handles(orders.OrderCreatedSchema, ({ orderId, itemCount }) =>
  ['sku-1', 'sku-2'].map((sku) =>
    command('inventory', sku, inventory.ReserveStockSchema, { orderId, sku, quantity: itemCount }),
  ),
)

const hasNews = ({ rows = [] }: Write): boolean =>
  rows.some(({ space, key }) => space === 'delivery' && key.includes('rejection'))

async function outcome(shop: FaultyShop): Promise<{ reserved: string[]; cancelled: number }> {
  await shop.settled()
  const reserved = await messagesIn(shop.ledger, 'inventory', inventory.StockReservedSchema)
  const cancelled = await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)
  assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  assert.deepEqual(await shop.deadLetters.list(), [])
  return { reserved: reserved.map(({ sku }) => sku), cancelled: cancelled.length }
}

for (const [how, saga, skus] of [
  ['in the commit of its reaction', reserveStock, ['sku-1']],
  ['in a delivery of its own', reserving, ['sku-1', 'sku-2']],
] as const) {
  describe(`a command refused ${how}`, () => {
    test('on a state that is not stored, and accepted anew, is not told as refused', async () => {
      await using shop = await openFaultyShop([compensatingOrder(), stock, saga])
      for (const sku of skus) await addStock(shop, 1, sku)
      const release = shop.faulty.pause()
      // The first reservation takes what there is, and is not stored; the second one is refused.
      let first = true
      shop.faulty.failAt(({ appends = [] }) => {
        const reserves = appends.some(({ key }) => key.domain === 'inventory')
        const fails = reserves && first
        if (reserves) first = false
        return fails
      }, 'before')
      const orders_ = ['order-1', 'order-2'].map((id) => createOrder(shop, id))
      release()
      await Promise.all(orders_)
      const { reserved, cancelled } = await outcome(shop)
      assert.deepEqual(reserved.sort(), skus)
      // Whichever of the two came too late was told, once per product.
      assert.equal(cancelled, skus.length)
    })

    test('by a commit nobody knows the outcome of is told once', async () => {
      await using shop = await openFaultyShop([compensatingOrder(), stock, saga])
      let faults = 0
      shop.faulty.failAt((write) => {
        if (!hasNews(write) || faults++ > 0) return false
        shop.forgetWrites(true)
        setTimeout(() => shop.forgetWrites(false), 1)
        return true
      }, 'done-but-reported-failed')
      await createOrder(shop, 'order-1')
      const { reserved, cancelled } = await outcome(shop)
      assert.deepEqual(reserved, [])
      assert.equal(cancelled, skus.length)
      assert.ok(faults > 0)
    })

    test('by a commit nobody knows the outcome of stays refused, whatever has changed since', async () => {
      await using shop = await openFaultyShop([compensatingOrder(), stock, saga])
      let faults = 0
      const { promise: restocked, resolve } = Promise.withResolvers<void>()
      shop.faulty.failAt((write) => {
        if (!hasNews(write) || faults++ > 0) return false
        shop.forgetWrites(true)
        void restocked.then(() => shop.forgetWrites(false))
        return true
      }, 'done-but-reported-failed')
      const created = createOrder(shop, 'order-1')
      await created
      while (faults === 0) await new Promise((tick) => setImmediate(tick))
      await addStock(shop, 5, 'sku-1')
      resolve()
      const { reserved, cancelled } = await outcome(shop)
      assert.ok(!reserved.includes('sku-1') || cancelled < skus.length, 'refused and reserved')
      assert.equal(reserved.length + cancelled, skus.length)
      assert.equal((await storedEvents(shop.ledger, 'angzarr-saga-failures')).length, 0)
    })
  })
}

describe('a delivery given up after a commit nobody knows the outcome of', () => {
  test('is found settled when it is replayed', async () => {
    const settings = { reserving: { attempts: 1 } }
    const components = [compensatingOrder(), stock, reserving]
    await using shop = await openFaultyShop(components, { settings })
    let faults = 0
    shop.faulty.failAt((write) => {
      if (!hasNews(write) || faults++ > 0) return false
      shop.forgetWrites(true)
      setTimeout(() => shop.forgetWrites(false), 1)
      return true
    }, 'done-but-reported-failed')
    await createOrder(shop, 'order-1')
    await shop.settled()
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.code, 'COMMIT_OUTCOME_UNKNOWN')
    await shop.deadLetters.replay(letter?.id ?? '')
    const { reserved, cancelled } = await outcome(shop)
    assert.deepEqual([reserved, cancelled], [[], 2])
    assert.equal(shop.status()[0]?.state, 'running')
  })
})
