/** An order, and the saga that reserves stock for it. A refusal comes back to the order. */
import { command, create, defineAggregate, defineSaga } from 'amends'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'

export const orders = defineAggregate({ domain: 'order', state: order.StateSchema })
  .handles(order.PlaceSchema, ({ sku, quantity }, state) =>
    state.sku ? undefined : create(order.PlacedSchema, { sku, quantity }),
  )
  .applies(order.PlacedSchema, (state, { sku }) => {
    state.sku = sku
  })
  .rejected('inventory', inventory.ReserveSchema, (_, state, { reason }) =>
    create(order.CancelledSchema, { sku: state.sku, reason }),
  )

export const reserveStock = defineSaga({
  name: 'reserve-stock',
  source: 'order',
  target: 'inventory',
}).handles(order.PlacedSchema, ({ sku, quantity }) =>
  command('inventory', sku, inventory.ReserveSchema, { sku, quantity }),
)
