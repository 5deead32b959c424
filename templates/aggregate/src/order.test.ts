import { test } from 'node:test'
import { command, create } from 'amends'
import { givenAggregate } from 'amends/testing'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import { orders } from './order.ts'

test('an order without stock is cancelled', async () => {
  const chai = { sku: 'chai', quantity: 1 }
  const reason = 'not enough stock'
  await givenAggregate(orders)
    .events(create(order.PlacedSchema, chai))
    .whenRejected(command('inventory', 'chai', inventory.ReserveSchema, chai), reason)
    .thenEvents(create(order.CancelledSchema, { sku: 'chai', reason }))
})
