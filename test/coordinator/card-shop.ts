/** A shop where an order reserves stock, charges a card and sends a receipt, each by its own saga. */
import { create } from '@bufbuild/protobuf'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Component } from '../../src/component/definition.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as fulfillment from '../fixtures/gen/fulfillment_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import * as payment from '../fixtures/gen/payment_pb.ts'
import type { Shop } from './open-shop.ts'
import { orderAggregate } from './shop.ts'

/** How the shop behaves. */
export type CardShopOptions = {
  /** Called before the card is charged; refuses by throwing. Default: the card is declined. */
  readonly charge?: (() => void | Promise<void>) | undefined
  /** Called when stock is reserved. */
  readonly reserve?: (() => void) | undefined
  /** Called when a receipt is sent. */
  readonly send?: (() => void | Promise<void>) | undefined
  /** Whether a receipt can be taken back. Default true. */
  readonly receiptsUndone?: boolean | undefined
  /** Told the command types that are undone, in order. */
  readonly undone?: ((type: string) => void) | undefined
}

/** Refuses to be charged. */
export function declined(): void {
  throw CommandRejectedError.preconditionFailed('CARD_DECLINED', 'card declined')
}

/** The components, new ones. */
export function cardShop(options: CardShopOptions = {}): readonly Component[] {
  const { charge = declined, reserve, send, receiptsUndone = true, undone } = options
  const order = orderAggregate().rejected(
    'payment',
    payment.ProcessPaymentSchema,
    (_n, _s, { reason, code }) =>
      create(orders.OrderNoteAddedSchema, { note: `${code}|${reason}` }),
  )
  const inventories = defineAggregate({ domain: 'inventory', state: inventory.StockStateSchema })
    .handles(inventory.ReserveStockSchema, ({ sku, quantity }) => {
      reserve?.()
      return create(inventory.StockReservedSchema, { sku, quantity })
    })
    .undoes(inventory.ReserveStockSchema, (_n, _s, { compensate }) => {
      undone?.(compensate.commandType)
      return create(inventory.StockReleasedSchema, { sku: compensate.sequences.join() })
    })
  const payments = defineAggregate({
    domain: 'payment',
    state: payment.AccountStateSchema,
  }).handles(payment.ProcessPaymentSchema, async ({ orderId, amount }) => {
    await charge()
    return create(payment.PaymentProcessedSchema, { orderId, amount })
  })
  const shippings = defineAggregate({
    domain: 'shipping',
    state: fulfillment.ShipmentStateSchema,
  }).handles(fulfillment.CreateShipmentSchema, async ({ orderId }) => {
    await send?.()
    return create(fulfillment.ShipmentCreatedSchema, { orderId })
  })
  return [
    order,
    inventories,
    payments,
    receiptsUndone
      ? shippings.undoes(fulfillment.CreateShipmentSchema, (_n, _s, { compensate }) => {
          undone?.(compensate.commandType)
          return create(fulfillment.ShipmentCancelledSchema, {})
        })
      : shippings,
    saga('reserve-saga', 'inventory', () =>
      command('inventory', 'sku-1', inventory.ReserveStockSchema, { quantity: 1 }),
    ),
    saga('charge-saga', 'payment', () =>
      command('payment', 'card-1', payment.ProcessPaymentSchema, { amount: 5n }),
    ),
    saga('notify-saga', 'shipping', () =>
      command('shipping', 'parcel-1', fulfillment.CreateShipmentSchema, {}),
    ),
  ]
}

function saga(name: string, target: string, emit: () => ReturnType<typeof command>): Component {
  return defineSaga({ name, source: 'order', target }).handles(orders.OrderCreatedSchema, emit)
}

/** Creates an order in a mode. */
export function orderIn(
  shop: Pick<Shop, 'client'>,
  syncMode: SyncMode,
  cascadeErrorMode: CascadeErrorMode = CascadeErrorMode.CASCADE_ERROR_FAIL_FAST,
  orderId = 'order-1',
): Promise<CommandResponse> {
  const builder = shop.client('order').command(orderId)
  builder.withMessage(orders.CreateOrderSchema, { orderId, itemCount: 1 })
  return builder.execute({ syncMode, cascadeErrorMode })
}
