import { command, create, defineProcessManager, ProcessManagerResponse } from 'amends'
import * as fulfilment from './gen/fulfilment_pb.ts'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import * as payment from './gen/payment_pb.ts'

const PRICE = 18

export const fulfilmentProcess = defineProcessManager({
  name: 'fulfilment',
  pmDomain: 'fulfilment',
  sources: ['order', 'inventory'],
  targets: ['inventory', 'payment', 'order'],
  state: fulfilment.StateSchema,
})
  .handles(
    order.PlacedSchema,
    ({ orderId, sku, quantity }) =>
      new ProcessManagerResponse({
        processEvents: [create(fulfilment.StartedSchema, { orderId, sku, quantity })],
        commands: [command('inventory', sku, inventory.ReserveSchema, { orderId, quantity })],
      }),
  )
  .handles(
    inventory.ReservedSchema,
    ({ orderId, quantity }) =>
      new ProcessManagerResponse({
        commands: [
          command('payment', orderId, payment.ChargeSchema, { orderId, amount: quantity * PRICE }),
        ],
      }),
  )
  .applies(fulfilment.StartedSchema, (state, { orderId, sku, quantity }) => {
    state.orderId = orderId
    state.sku = sku
    state.quantity = quantity
  })
  .rejected(
    'payment',
    payment.ChargeSchema,
    (_, { orderId, sku, quantity }, { reason }) =>
      new ProcessManagerResponse({
        processEvents: [create(fulfilment.GivenUpSchema, { reason })],
        commands: [
          command('inventory', sku, inventory.ReleaseSchema, { orderId, quantity }),
          command('order', orderId, order.CancelSchema, { reason }),
        ],
      }),
  )
