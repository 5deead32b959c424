/** An order that finds no stock and is undone, written with decorated classes. */
import {
  CommandRejectedError,
  applies,
  command,
  commandHandler,
  create,
  handles,
  rejected,
  saga,
  type Notification,
  type Rejection,
} from 'amends'
import * as inventory from './gen/inventory_pb.ts'
import * as orders from './gen/orders_pb.ts'

@commandHandler({ domain: 'order', state: orders.OrderStateSchema })
export class Order {
  @handles(orders.CreateOrderSchema)
  place({ orderId, itemCount }: orders.CreateOrder, state: orders.OrderState) {
    return state.created ? undefined : create(orders.OrderCreatedSchema, { orderId, itemCount })
  }

  @applies(orders.OrderCreatedSchema)
  placed(state: orders.OrderState, _: orders.OrderCreated) {
    state.created = true
  }

  @rejected('inventory', inventory.ReserveStockSchema)
  soldOut(_: Notification, state: orders.OrderState, { reason }: Rejection) {
    return state.created ? create(orders.OrderCancelledSchema, { reason }) : undefined
  }
}

@commandHandler({ domain: 'inventory', state: inventory.StockStateSchema })
export class Stock {
  @handles(inventory.ReserveStockSchema)
  reserve({ quantity }: inventory.ReserveStock, state: inventory.StockState) {
    if (quantity > state.available) throw new CommandRejectedError('not enough stock')
    return create(inventory.StockReservedSchema, { quantity })
  }
}

@saga({ name: 'reserve-stock', source: 'order', target: 'inventory' })
export class ReserveStock {
  @handles(orders.OrderCreatedSchema)
  reserve({ orderId, itemCount }: orders.OrderCreated) {
    const quantity = itemCount
    return command('inventory', 'chai', inventory.ReserveStockSchema, { orderId, quantity })
  }
}

export const components = [Order, Stock, ReserveStock]
