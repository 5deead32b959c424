import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCoordinator } from 'amends/coordinator'
import * as order from './gen/order_pb.ts'
import { orders, reserveStock } from './order.ts'
import { stock } from './stock.ts'

test('an order without stock is cancelled', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  {
    const ledger = join(folder, 'shop.db')
    const components = [orders, reserveStock, stock]
    await using coordinator = await openCoordinator({ ledger, components })
    const client = coordinator.client('order')
    await client
      .command('A-1')
      .withMessage(order.PlaceSchema, { sku: 'chai', quantity: 1 })
      .execute()
    await coordinator.settled()
    const events = await client.query('A-1').events(order.PlacedSchema, order.CancelledSchema)
    assert.deepEqual(
      events.map(({ message }) => message.$typeName),
      ['order.Placed', 'order.Cancelled'],
    )
  }
  await rm(folder, { recursive: true })
})
