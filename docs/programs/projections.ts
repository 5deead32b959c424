import { openCoordinator } from 'amends/coordinator'
import { demandProjector } from './demand.ts'
import * as demand from './gen/demand_pb.ts'
import * as order from './gen/order_pb.ts'
import { orders } from './shop.ts'

const components = [orders, demandProjector]
await using coordinator = await openCoordinator({ ledger: 'shop.db', components })
const client = coordinator.client('order')

for (const [orderId, sku, quantity] of [
  ['A-1', 'chai', 2],
  ['A-2', 'chai', 3],
  ['A-3', 'tofu', 1],
] as const) {
  await client.command(orderId).withMessage(order.PlaceSchema, { orderId, sku, quantity }).execute()
}
await client.command('A-2').withMessage(order.CancelSchema, { reason: 'too late' }).execute()
await coordinator.settled()

const show = async () => {
  for await (const { key, row } of coordinator.projection('demand').all(demand.RowSchema)) {
    console.log(key, row.orders, row.quantity)
  }
}
await show()
await coordinator.rebuild('demand') // from zero, beside the old rows, then swapped
await show()
