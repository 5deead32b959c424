import { readdirSync } from 'node:fs'
import { openCoordinator } from 'amends/coordinator'
import * as order from './gen/order_pb.ts'
import { orders } from './shop.ts'

await using coordinator = await openCoordinator({
  ledger: 'shop.db',
  components: [orders],
  payloads: { folder: 'shop.payloads', thresholdBytes: 10_000 },
})
const client = coordinator.client('order')
const tea = { orderId: 'A-1', sku: 'chai', quantity: 2 }
await client.command('A-1').withMessage(order.PlaceSchema, tea).execute()
const reason = 'The customer wrote a long letter. '.repeat(1_000)
await client.command('A-1').withMessage(order.CancelSchema, { reason }).execute()

console.log(readdirSync('shop.payloads').filter((name) => name.endsWith('.bin')).length, 'file')
const [cancelled] = await client.query('A-1').events(order.CancelledSchema)
console.log(cancelled?.message.reason.length, 'characters')
