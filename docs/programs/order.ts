import { command, create, defineAggregate, defineSaga } from 'amends'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'

export const orders = defineAggregate({ domain: 'order', state: order.StateSchema })
  .handles(order.PlaceSchema, ({ orderId, sku, quantity }, state) =>
    state.sku ? undefined : create(order.PlacedSchema, { orderId, sku, quantity }),
  )
  .applies(order.PlacedSchema, (state, { sku, quantity }) => {
    state.sku = sku
    state.quantity = quantity
  })
  .rejected('inventory', inventory.ReserveSchema, (_, { sku, quantity }, { reason }) =>
    create(order.CancelledSchema, { sku, quantity, reason }),
  )

export const reserveStock = defineSaga({
  name: 'reserve-stock',
  source: 'order',
  target: 'inventory',
}).handles(order.PlacedSchema, ({ orderId, sku, quantity }) =>
  command('inventory', sku, inventory.ReserveSchema, { orderId, quantity }),
)
