import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from './until.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { rootFor } from '../../src/identity/compute-root.ts'
import { openShop } from './open-shop.ts'
import { orderAggregate, stock } from './shop.ts'

const claim = {
  scope: { domain: 'order', edition: '', root: rootFor('order', 'order-1') },
  key: 'command#once',
}

async function createOrder(shop: Awaited<ReturnType<typeof openShop>>): Promise<void> {
  await shop
    .client('order')
    .command('order-1')
    .withMessage(orders.CreateOrderSchema, { orderId: 'order-1', itemCount: 1 })
    .withIdempotencyKey('once')
    .execute()
}

test('claims that are old enough are forgotten', async () => {
  const limits = { claimRetentionMs: 1, claimPruningMs: 1 }
  await using shop = await openShop([orderAggregate(), stock], { limits })
  await createOrder(shop)
  await until(async () => (await shop.ledger.claimed(claim)) === undefined)
})

test('claims are kept while sending again makes sense', async () => {
  const limits = { claimPruningMs: 1 }
  await using shop = await openShop([orderAggregate(), stock], { limits })
  await createOrder(shop)
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.notEqual(await shop.ledger.claimed(claim), undefined)
})
