import { openCoordinator } from 'amends/coordinator'
import * as order from './gen/order_pb.ts'
import { orders, reserveStock } from './order-functions.ts'
import { Stock } from './stock.ts'

const components = [orders, reserveStock, Stock] // Stock rejects when there is not enough
await using coordinator = await openCoordinator({ ledger: 'orders.db', components })
const client = coordinator.client('order')
await client.command('A-1').withMessage(order.PlaceSchema, { sku: 'chai', quantity: 90 }).execute()
const events = await client.query('A-1').events(order.PlacedSchema, order.CancelledSchema)
for (const { sequence, message } of events) console.log(sequence, message.$typeName, message)
// 0 order.Placed {...}   1 order.Cancelled { sku: 'chai', reason: 'not enough stock' }
