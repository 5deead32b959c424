/** The shop of the conformance suite: order, inventory and what happens between them. */
import { create } from '@bufbuild/protobuf'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { type Aggregate, defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command } from '../../src/component/outgoing-books.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'

/** How the order of the fixture behaves. */
export type OrderOptions = {
  /** Whether stale commands are compared. Default true. */
  readonly replay?: boolean | undefined
  /** Told whenever the handler of AddItem runs. */
  readonly adding?: ((state: orders.OrderState, sequence: number) => void) | undefined
  readonly snapshotEvery?: number | undefined
}

/** The order of the merge-strategy fixture. */
export function orderAggregate(options: OrderOptions = {}): Aggregate<orders.OrderState> {
  return defineAggregate({
    domain: 'order',
    state: orders.OrderStateSchema,
    supportsReplay: options.replay ?? true,
    snapshotEvery: options.snapshotEvery,
  })
    .handles(orders.CreateOrderSchema, ({ orderId, customerId, itemCount }) =>
      create(orders.OrderCreatedSchema, { orderId, customerId, itemCount }),
    )
    .handles(orders.AddItemSchema, ({ sku, quantity }, state, sequence) => {
      options.adding?.(state, sequence)
      if (state.completed) {
        throw CommandRejectedError.preconditionFailed('ORDER_CLOSED', 'order is closed')
      }
      return create(orders.ItemAddedSchema, { sku, quantity })
    })
    .handles(orders.ChangeShippingAddressSchema, ({ address }) =>
      create(orders.ShippingAddressChangedSchema, { address }),
    )
    .handles(orders.AddOrderNoteSchema, ({ note }) => create(orders.OrderNoteAddedSchema, { note }))
    .handles(orders.CompleteOrderSchema, ({ orderId }) =>
      create(orders.OrderCompletedSchema, { orderId }),
    )
    .applies(orders.OrderCreatedSchema, (state, event) => {
      state.created = true
      state.status = orders.OrderStatus.OPEN
      state.itemCount = event.itemCount
    })
    .applies(orders.ItemAddedSchema, (state, event) => {
      state.itemCount += event.quantity
    })
    .applies(orders.OrderNoteAddedSchema, (state, event) => {
      state.notes.push(event.note)
    })
    .applies(orders.ShippingAddressChangedSchema, (state, event) => {
      state.shippingAddress = event.address
    })
    .applies(orders.OrderCompletedSchema, (state) => {
      state.completed = true
    })
    .applies(orders.OrderCancelledSchema, (state) => {
      state.status = orders.OrderStatus.CANCELLED
    })
}

/** The same, cancelling an order whose stock could not be reserved. */
export function compensatingOrder(options: OrderOptions = {}): Aggregate<orders.OrderState> {
  return orderAggregate(options).rejected(
    'inventory',
    inventory.ReserveStockSchema,
    (_, _state, { reason, code }) =>
      create(orders.OrderCancelledSchema, { reason: `${code}|${reason}` }),
  )
}

/** An inventory with nothing in it until stock is added. */
export const stock = defineAggregate({ domain: 'inventory', state: inventory.StockStateSchema })
  .handles(inventory.AddStockSchema, ({ sku, quantity }) =>
    create(inventory.StockAddedSchema, { sku, quantity }),
  )
  .handles(inventory.ReserveStockSchema, ({ orderId, sku, quantity }, state) => {
    if (state.available < quantity) {
      throw CommandRejectedError.preconditionFailed('OUT_OF_STOCK', 'out of stock')
    }
    return create(inventory.StockReservedSchema, { orderId, sku, quantity })
  })
  .handles(inventory.ReleaseStockSchema, ({ orderId, sku }, state) => {
    const quantity = state.reservedByOrder[orderId]
    if (quantity === undefined) return undefined
    return create(inventory.StockReleasedSchema, { orderId, sku, quantity })
  })
  .applies(inventory.StockAddedSchema, (state, { quantity }) => {
    state.available += quantity
  })
  .applies(inventory.StockReservedSchema, (state, { orderId, quantity }) => {
    state.available -= quantity
    state.reservedByOrder[orderId] = quantity
  })
  .applies(inventory.StockReleasedSchema, (state, { orderId, quantity }) => {
    state.available += quantity
    delete state.reservedByOrder[orderId]
  })

/** An inventory that refuses every reservation. */
export function refusingStock(refusal: Error): Aggregate<inventory.StockState> {
  return defineAggregate({ domain: 'inventory', state: inventory.StockStateSchema }).handles(
    inventory.ReserveStockSchema,
    () => {
      throw refusal
    },
  )
}

/** OrderCreated reserves its stock. */
export const reserveStock = defineSaga({
  name: 'order-fulfillment',
  source: 'order',
  target: 'inventory',
}).handles(orders.OrderCreatedSchema, ({ orderId, itemCount }) =>
  command('inventory', 'sku-1', inventory.ReserveStockSchema, {
    orderId,
    sku: 'sku-1',
    quantity: itemCount,
  }),
)

/** The same as a process manager, which remembers that it asked. */
export const fulfillment = defineProcessManager({
  name: 'fulfillment',
  pmDomain: 'fulfillment-process',
  sources: ['order', 'inventory'],
  targets: ['inventory', 'order'],
  state: orders.OrderStateSchema,
})
  .handles(
    orders.OrderCreatedSchema,
    (event) =>
      new ProcessManagerResponse({
        processEvents: [create(orders.OrderCreatedSchema, event)],
        commands: [
          command('inventory', 'sku-1', inventory.ReserveStockSchema, {
            orderId: event.orderId,
            sku: 'sku-1',
            quantity: event.itemCount,
          }),
        ],
      }),
  )
  .applies(orders.OrderCreatedSchema, (state, event) => {
    state.customerId = event.orderId
  })
  .rejected(
    'inventory',
    inventory.ReserveStockSchema,
    (_, state, { reason }) =>
      new ProcessManagerResponse({
        processEvents: [create(orders.OrderCancelledSchema, { reason })],
        commands: [
          command('order', state.customerId, orders.AddOrderNoteSchema, { note: `no: ${reason}` }),
        ],
      }),
  )

/** Counts what happens to each order. */
export const orderSummary = defineProjector({ name: 'order-summary', domains: ['order'] }).handles(
  orders.OrderCreatedSchema,
  async (event, { projection }) => {
    const rows = projection.rows(orders.OrderStateSchema)
    await rows.update(event.orderId, (row) => {
      row.created = true
      row.itemCount = event.itemCount
    })
    await rows.update('total', (row) => {
      row.itemCount += 1
    })
  },
)
