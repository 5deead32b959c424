import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as order from './gen/order_pb.ts'
import * as payment from './gen/payment_pb.ts'

export const orders = defineAggregate({ domain: 'order', state: order.StateSchema })
  .handles(order.PlaceSchema, ({ orderId, sku, quantity }) =>
    create(order.PlacedSchema, { orderId, sku, quantity }),
  )
  .handles(order.CancelSchema, ({ reason }, { sku, quantity }) =>
    create(order.CancelledSchema, { sku, quantity, reason }),
  )
  .applies(order.PlacedSchema, (state, { sku, quantity }) => {
    state.sku = sku
    state.quantity = quantity
  })

export const payments = defineAggregate({
  domain: 'payment',
  state: payment.StateSchema,
}).handles(payment.ChargeSchema, ({ orderId, amount }) => {
  if (amount > 100) throw new CommandRejectedError('the card has a limit of 100')
  return create(payment.ChargedSchema, { orderId, amount })
})
