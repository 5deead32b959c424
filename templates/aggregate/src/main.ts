/** Orders more than there is: the order cancels itself. */
import { openCoordinator } from 'amends/coordinator'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import { orders, reserveStock } from './order.ts'
import { stock } from './stock.ts'

const components = [orders, reserveStock, stock]
await using coordinator = await openCoordinator({ ledger: 'shop.db', components })
const articles = coordinator.client('inventory')
const client = coordinator.client('order')

await articles.command('chai').withMessage(inventory.ReceiveSchema, { quantity: 10 }).execute()
await client.command('A-1').withMessage(order.PlaceSchema, { sku: 'chai', quantity: 90 }).execute()
const events = await client.query('A-1').events(order.PlacedSchema, order.CancelledSchema)
for (const { sequence, message } of events) console.log(sequence, message.$typeName)
