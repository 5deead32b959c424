/** One component of each kind, small enough to see through. */
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'

/** Places orders, refuses empty ones, breaks for the customer `break`. */
export const order = defineAggregate({ domain: 'order', state: orders.OrderStateSchema })
  .handles(orders.CreateOrderSchema, ({ orderId, customerId }, state) => {
    if (customerId === 'break') throw new Error('the handler broke')
    if (orderId === '') {
      throw CommandRejectedError.invalidArgument('ORDER_ID_EMPTY', 'order id missing', { at: 1 })
    }
    if (state.created) throw CommandRejectedError.preconditionFailed('ORDER_EXISTS', 'exists')
    return create(orders.OrderCreatedSchema, { orderId })
  })
  .applies(orders.OrderCreatedSchema, (state) => {
    state.created = true
  })

/** Reserves stock for every order. */
export const fulfilment = defineSaga({
  name: 'fulfilment',
  source: 'order',
  target: 'inventory',
}).handles(orders.OrderCreatedSchema, ({ orderId }, destinations) =>
  destinations.stampCommand(
    command('inventory', orderId, ReserveStockSchema, { orderId }),
    'inventory',
  ),
)

/** Asks for stock, too, and counts nothing. */
export const process = defineProcessManager({
  name: 'checkout',
  pmDomain: 'checkout',
  sources: ['order'],
  targets: ['inventory'],
  state: orders.OrderStateSchema,
}).handles(
  orders.OrderCreatedSchema,
  ({ orderId }) =>
    new ProcessManagerResponse({
      commands: [command('inventory', orderId, ReserveStockSchema, { orderId })],
    }),
)

/** What the projector saw: order ids, `?` before those of a try. */
export function listOf(seen: string[]): ReturnType<typeof listing> {
  return listing(seen)
}

const listing = (seen: string[]) =>
  defineProjector({ name: 'list', domains: ['order'] }).handles(
    orders.OrderCreatedSchema,
    ({ orderId }, { speculative }) => {
      seen.push(speculative ? `?${orderId}` : orderId)
    },
  )

/** Makes `OrderCompleted` of `OrderCancelled`. */
export const renewal = defineUpcaster({ name: 'renewal', domain: 'order' }).upcasts(
  orders.OrderCancelledSchema,
  orders.OrderCompletedSchema,
  ({ reason }) => create(orders.OrderCompletedSchema, { orderId: reason }),
)
