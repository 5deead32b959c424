import { applies, command, commandHandler, create, handles, rejected, saga } from 'amends'
import type { Notification, Rejection } from 'amends'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'

@commandHandler({ domain: 'order', state: order.StateSchema })
export class Order {
  @handles(order.PlaceSchema) place({ sku, quantity }: order.Place, state: order.State) {
    return state.sku ? undefined : create(order.PlacedSchema, { sku, quantity })
  }
  @applies(order.PlacedSchema) placed(state: order.State, event: order.Placed) {
    state.sku = event.sku
  }
  @rejected('inventory', inventory.ReserveSchema)
  soldOut(_: Notification, state: order.State, rejection: Rejection) {
    return create(order.CancelledSchema, { sku: state.sku, reason: rejection.reason })
  }
}
@saga({ name: 'reserve-stock', source: 'order', target: 'inventory' })
export class ReserveStock {
  @handles(order.PlacedSchema) reserve({ sku, quantity }: order.Placed) {
    return command('inventory', sku, inventory.ReserveSchema, { sku, quantity })
  }
}
