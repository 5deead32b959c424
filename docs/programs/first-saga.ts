import { openCoordinator } from 'amends/coordinator'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import { stock } from './inventory.ts'
import { orders, reserveStock } from './order.ts'

const components = [stock, orders, reserveStock]
await using coordinator = await openCoordinator({ ledger: 'shop.db', components })
const articles = coordinator.client('inventory')
const client = coordinator.client('order')

await articles.command('chai').withMessage(inventory.ReceiveSchema, { quantity: 10 }).execute()
for (const [orderId, quantity] of [
  ['A-1', 4],
  ['A-2', 9],
] as const) {
  await client
    .command(orderId)
    .withMessage(order.PlaceSchema, { orderId, sku: 'chai', quantity })
    .execute()
  const events = await client.query(orderId).events(order.PlacedSchema, order.CancelledSchema)
  for (const { message } of events) {
    const why = message.$typeName === 'order.Cancelled' ? message.reason : ''
    console.log(orderId, message.$typeName, why)
  }
}
