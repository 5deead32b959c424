import { openCoordinator } from 'amends/coordinator'
import { fulfilmentProcess } from './fulfilment.ts'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import { stock } from './inventory.ts'
import { orders, payments } from './shop.ts'

const components = [orders, stock, payments, fulfilmentProcess]
await using coordinator = await openCoordinator({ ledger: 'shop.db', components })
const articles = coordinator.client('inventory')
const client = coordinator.client('order')

await articles.command('chai').withMessage(inventory.ReceiveSchema, { quantity: 20 }).execute()
await client
  .command('A-1')
  .withMessage(order.PlaceSchema, { orderId: 'A-1', sku: 'chai', quantity: 9 })
  .execute()
await coordinator.settled()

const events = [
  ...(await client.query('A-1').events(order.PlacedSchema, order.CancelledSchema)),
  ...(await articles
    .query('chai')
    .events(inventory.ReceivedSchema, inventory.ReservedSchema, inventory.ReleasedSchema)),
]
for (const { message } of events) console.log(message.$typeName, message.quantity)
