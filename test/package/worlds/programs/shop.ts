/** An order that finds no stock and is undone, written with functions. */
import { CommandRejectedError, command, create, defineAggregate, defineSaga } from 'amends'
import * as inventory from './gen/inventory_pb.ts'
import * as orders from './gen/orders_pb.ts'

export const order = defineAggregate({ domain: 'order', state: orders.OrderStateSchema })
  .handles(orders.CreateOrderSchema, ({ orderId, itemCount }, state) =>
    state.created ? undefined : create(orders.OrderCreatedSchema, { orderId, itemCount }),
  )
  .applies(orders.OrderCreatedSchema, (state) => {
    state.created = true
  })
  .rejected('inventory', inventory.ReserveStockSchema, (_, state, { reason }) =>
    state.created ? create(orders.OrderCancelledSchema, { reason }) : undefined,
  )

export const stock = defineAggregate({
  domain: 'inventory',
  state: inventory.StockStateSchema,
}).handles(inventory.ReserveStockSchema, ({ quantity }, state) => {
  if (quantity > state.available) throw new CommandRejectedError('not enough stock')
  return create(inventory.StockReservedSchema, { quantity })
})

export const reserve = defineSaga({
  name: 'reserve-stock',
  source: 'order',
  target: 'inventory',
}).handles(orders.OrderCreatedSchema, ({ orderId, itemCount }) =>
  command('inventory', 'chai', inventory.ReserveStockSchema, { orderId, quantity: itemCount }),
)

export const components = [order, stock, reserve]
