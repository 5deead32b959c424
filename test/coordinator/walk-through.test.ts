/** The shortest way through every part of the embedded coordinator. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openShop } from './open-shop.ts'
import {
  compensatingOrder,
  fulfillment,
  orderAggregate,
  orderSummary,
  reserveStock,
  stock,
} from './shop.ts'

test('a command stores its event and a query reads it', async () => {
  await using shop = await openShop([orderAggregate(), stock])
  const client = shop.client('order')
  const init = { orderId: 'order-1', itemCount: 2 }
  const response = await client
    .command('order-1')
    .withMessage(orders.CreateOrderSchema, init)
    .execute()
  assert.equal(response.events?.pages.length, 1)
  const events = await client.query('order-1').events(orders.OrderCreatedSchema)
  assert.deepEqual(
    events.map(({ sequence, message }) => [sequence, message.itemCount]),
    [[0, 2]],
  )
})

test('a saga reserves stock for an order', async () => {
  await using shop = await openShop([compensatingOrder(), stock, reserveStock])
  const add = { sku: 'sku-1', quantity: 5 }
  await shop
    .client('inventory')
    .command('sku-1')
    .withMessage(inventory.AddStockSchema, add)
    .execute()
  const init = { orderId: 'order-1', itemCount: 2 }
  await shop
    .client('order')
    .command('order-1')
    .withMessage(orders.CreateOrderSchema, init)
    .execute()
  await shop.settled()
  const events = await shop.client('inventory').query('sku-1').events(inventory.StockReservedSchema)
  assert.deepEqual(
    events.map(({ message }) => message.quantity),
    [2],
  )
})

test('a rejected command of a saga is compensated by its source', async () => {
  await using shop = await openShop([compensatingOrder(), stock, reserveStock])
  const init = { orderId: 'order-1', itemCount: 2 }
  await shop
    .client('order')
    .command('order-1')
    .withMessage(orders.CreateOrderSchema, init)
    .execute()
  await shop.settled()
  const events = await shop.client('order').query('order-1').events(orders.OrderCancelledSchema)
  assert.deepEqual(
    events.map(({ message }) => message.reason),
    ['OUT_OF_STOCK|out of stock'],
  )
})

test('a process manager hears of the rejection and answers', async () => {
  await using shop = await openShop([orderAggregate(), stock, fulfillment])
  const init = { orderId: 'order-1', itemCount: 2 }
  await shop
    .client('order')
    .command('order-1')
    .withMessage(orders.CreateOrderSchema, init)
    .execute()
  await shop.settled()
  const notes = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
  assert.deepEqual(
    notes.map(({ message }) => message.note),
    ['no: out of stock'],
  )
})

test('a projector keeps its rows in the ledger', async () => {
  await using shop = await openShop([orderAggregate(), orderSummary])
  for (const orderId of ['order-1', 'order-2']) {
    const init = { orderId, itemCount: 3 }
    await shop
      .client('order')
      .command(orderId)
      .withMessage(orders.CreateOrderSchema, init)
      .execute()
  }
  await shop.settled()
  const total = await shop.projection('order-summary').get(orders.OrderStateSchema, 'total')
  assert.equal(total?.itemCount, 2)
})
