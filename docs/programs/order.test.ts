import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeOf } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import { stock } from './inventory.ts'
import { orders, reserveStock } from './order.ts'

/** The real engine on a ledger of its own. */
async function openShop() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const components = [stock, orders, reserveStock]
  const coordinator = await openCoordinator({ ledger: join(folder, 'shop.db'), components })
  return {
    articles: coordinator.client('inventory'),
    orders: coordinator.client('order'),
    settled: () => coordinator.settled(),
    async [Symbol.asyncDispose]() {
      await coordinator[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

test('an article that is not there cannot be reserved', async () => {
  await using shop = await openShop()
  const reserve = shop.articles.command('chai').withMessage(inventory.ReserveSchema, {
    orderId: 'A-1',
    quantity: 1,
  })
  await assert.rejects(reserve.execute(), (error) => codeOf(error) === 'OUT_OF_STOCK')
})

test('an order without stock is cancelled', async () => {
  await using shop = await openShop()
  const place = { orderId: 'A-1', sku: 'chai', quantity: 1 }
  await shop.orders.command('A-1').withMessage(order.PlaceSchema, place).execute()
  await shop.settled() // every reaction has run
  const events = await shop.orders.query('A-1').events(order.PlacedSchema, order.CancelledSchema)
  assert.deepEqual(
    events.map(({ message }) => message.$typeName),
    ['order.Placed', 'order.Cancelled'],
  )
})
