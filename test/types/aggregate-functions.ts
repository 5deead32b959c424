// Aggregates written as functions: nothing but the schemas says what the parameters are.
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { create } from '../../src/component/known-messages.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { OrderCreated, OrderState } from '../fixtures/gen/orders_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as order from '../fixtures/gen/orders_pb.ts'

export const good = defineAggregate({ domain: 'order', state: order.OrderStateSchema })
  .handles(order.CreateOrderSchema, ({ orderId }, state) =>
    state.created ? undefined : create(order.OrderCreatedSchema, { orderId }),
  )
  .handles(order.CompleteOrderSchema, async ({ orderId }, _state, sequence, { time }) => {
    await Promise.resolve()
    return sequence > 0 && time > 0n ? [create(order.OrderCompletedSchema, { orderId })] : []
  })
  .handles(order.CancelOrderSchema, ({ reason }) => {
    if (reason === '') throw new Error('no')
  })
  .handlesFact(order.OrderCancelledSchema, (event, state, { externalId }) =>
    state.created && externalId !== undefined ? event : undefined,
  )
  .applies(order.OrderCreatedSchema, (state, event) => {
    state.customerId = event.customerId
  })
  .applies(order.OrderCompletedSchema, (state) => ({ ...state, completed: true }))
  .rejected('inventory', inventory.ReserveStockSchema, (_, state, { command: refused, reason }) =>
    state.created
      ? create(order.OrderCancelledSchema, { reason: reason + refused.sku })
      : undefined,
  )
  .rejected('inventory', 'ReleaseStock', (_, _state, { reason }) => {
    if (reason === '') throw new Error('no')
  })
  .undoes(order.CreateOrderSchema, (_, _state, { reason }) =>
    create(order.OrderCancelledSchema, { reason }),
  )
  .stateFactory(() => create(order.OrderStateSchema, { created: true }))

class Tally {
  count = 0
}
export const goodWithClass = defineAggregate({ domain: 'order', state: Tally })
  .applies(order.OrderCreatedSchema, (state) => {
    state.count++
  })
  .applies(order.OrderCompletedSchema, (state, _event): Tally => ({ count: state.count + 1 }))
  .stateFactory(() => new Tally())

const start = defineAggregate({ domain: 'order', state: order.OrderStateSchema })

export const bad = [
  start.handles(order.CreateOrderSchema, (cmd: order.CancelOrder) => void cmd), // error TS2345
  start.handles(order.CreateOrderSchema, (_cmd, _state: inventory.StockState) => undefined), // error TS2345
  start.handles(order.CreateOrderSchema, (cmd) => ({ orderId: cmd.orderId })), // error TS2322
  start.handles(order.CreateOrderSchema, () => 'created'), // error TS2322
  start.handles(order.CreateOrderSchema, (cmd) => cmd.reason), // error TS2339
  start.handles('orders.CreateOrder', () => undefined), // error TS2345
  start.handles(order.CreateOrderSchema, (_cmd, _state, _sequence: string) => undefined), // error TS2345
  start.applies(order.OrderCreatedSchema, (state: inventory.StockState) => void state), // error TS2345
  start.applies(order.OrderCreatedSchema, (_state, event: order.OrderCompleted) => void event), // error TS2345
  start.applies(order.OrderCreatedSchema, async (state) => Promise.resolve(state)), // error TS2322
  start.applies(order.OrderCreatedSchema, (_state, event): OrderCreated => event), // error TS2322
  start.rejected('inventory', inventory.ReserveStockSchema, (_, _s, r) => r.command.skew), // error TS2339
  start.rejected('inventory', inventory.ReserveStockSchema, () => 1), // error TS2322
  start.handlesFact(order.OrderCancelledSchema, () => ({ result: 1 })), // error TS2322
  start.stateFactory(() => ({ created: true })), // error TS2322
  start.stateFactory(async () => create(order.OrderStateSchema)), // error TS2322
  defineAggregate({ domain: 'order', state: 'orders.OrderState' }), // error TS2322
  defineAggregate({ domain: 'order' }), // error TS2741
  defineAggregate({ state: order.OrderStateSchema }), // error TS2741
  defineAggregate({ domain: 'order', state: order.OrderStateSchema, snapshots: 5 }), // error TS2353
  command('inventory', 'tea', inventory.ReserveStockSchema, { skew: 'tea' }), // error TS2353
  command('inventory', 7, inventory.ReserveStockSchema, { sku: 'tea' }), // error TS2345
]

export const annotated = (state: OrderState): boolean => state.created
