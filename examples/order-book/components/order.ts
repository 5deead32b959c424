/** An order: placed once, then confirmed or cancelled, never both. */
import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as order from '../gen/order_pb.ts'
import { orderCents } from '../trade.ts'

/** The aggregate `order`; root = order number. */
export const orders = defineAggregate({ domain: 'order', state: order.StateSchema })
  .handles(order.PlaceOrderSchema, (command, state) => {
    if (state.status !== order.Status.UNSPECIFIED) throw closed('placed already')
    if (command.order === undefined || command.order.lines.length === 0) throw incomplete()
    return create(order.OrderPlacedSchema, { order: command.order })
  })
  .handles(order.ConfirmOrderSchema, (_, state) => {
    if (state.status !== order.Status.OPEN || state.order === undefined) throw closed('not open')
    const { number, country, orderedOn, lines } = state.order
    const month = orderedOn.slice(0, 7)
    return create(order.OrderConfirmedSchema, { number, country, month, cents: orderCents(lines) })
  })
  .handles(order.CancelOrderSchema, ({ code, reason }, state) => {
    if (state.status !== order.Status.OPEN || state.order === undefined) throw closed('not open')
    return create(order.OrderCancelledSchema, { number: state.order.number, code, reason })
  })
  .applies(order.OrderPlacedSchema, (state, event) => {
    state.status = order.Status.OPEN
    state.order = event.order
  })
  .applies(order.OrderConfirmedSchema, (state) => {
    state.status = order.Status.CONFIRMED
  })
  .applies(order.OrderCancelledSchema, (state) => {
    state.status = order.Status.CANCELLED
  })

function closed(reason: string): CommandRejectedError {
  return CommandRejectedError.preconditionFailed('ORDER_STATUS', `the order is ${reason}`)
}

function incomplete(): CommandRejectedError {
  return CommandRejectedError.invalidArgument('ORDER_INCOMPLETE', 'the order has no lines')
}
