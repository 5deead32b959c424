/** Small, clean books for the tests of the audit: one order goes through, two are amended. */
import { create } from 'amends'
import * as account from '../gen/account_pb.ts'
import * as inventory from '../gen/inventory_pb.ts'
import * as order from '../gen/order_pb.ts'
import * as shipment from '../gen/shipment_pb.ts'
import type { BusinessEvent } from '../history.ts'
import type { TradeOrder } from '../northwind.ts'
import type { Trade } from '../trade.ts'
import type { Evidence } from './evidence.ts'
import { noFacts, noteFact } from './facts.ts'

const tea = { product: 1, quantity: 4, cents: 400n }
const tofu = { product: 2, quantity: 3, cents: 600n }
const plain = { customer: 'ANN', country: 'Peru', orderedOn: '2012-07-04', shipper: 1 }

/** An order that goes through. */
export const confirmedOrder: TradeOrder = {
  ...plain,
  number: 1,
  shippedOn: '2012-07-05',
  lines: [tea, tofu],
}
/** An order that finds no carrier. */
export const orderWithoutCarrier: TradeOrder = {
  ...plain,
  number: 2,
  shippedOn: undefined,
  lines: [tea],
}
/** An order whose second line is not in stock. */
export const orderWithoutStock: TradeOrder = {
  ...plain,
  number: 3,
  shippedOn: '2012-07-05',
  lines: [tea, { ...tofu, quantity: 9 }],
}

/** What there was to do. */
export const sampleTrade: Trade = {
  products: [
    { id: 1, name: 'Tea', opening: 10 },
    { id: 2, name: 'Tofu', opening: 5 },
  ],
  customers: new Map([['ANN', 'Ann']]),
  shippers: new Map([[1, 'Speedy']]),
  creditLimitCents: 2000n,
  orders: [confirmedOrder, orderWithoutCarrier, orderWithoutStock],
}

/** What happened. */
export const sampleEvents: readonly BusinessEvent[] = [
  create(inventory.StockReceivedSchema, { product: 1, quantity: 10 }),
  create(inventory.StockReceivedSchema, { product: 2, quantity: 5 }),
  create(account.CreditLimitSetSchema, { customer: 'ANN', cents: 2000n }),
  placed(confirmedOrder),
  reserved(1, 1, 1, 4),
  reserved(1, 2, 2, 3),
  charged(1, 1000n),
  create(shipment.ShipmentDispatchedSchema, { order: 1, customer: 'ANN', shipper: 1 }),
  shipped(1, 1, 1, 4),
  shipped(1, 2, 2, 3),
  create(account.ChargeInvoicedSchema, { customer: 'ANN', order: 1, cents: 1000n }),
  create(order.OrderConfirmedSchema, {
    number: 1,
    country: 'Peru',
    month: '2012-07',
    cents: 1000n,
  }),
  placed(orderWithoutCarrier),
  reserved(2, 1, 1, 4),
  charged(2, 400n),
  refunded(2, 400n),
  released(2, 1, 1, 4),
  cancelled(2, 'NO_CARRIER'),
  placed(orderWithoutStock),
  reserved(3, 1, 1, 4),
  released(3, 1, 1, 4),
  cancelled(3, 'OUT_OF_STOCK'),
]

/** The evidence of clean books, with parts replaced. */
export function sampleEvidence(
  changes: Partial<Evidence> & { readonly events?: readonly BusinessEvent[] } = {},
): Evidence {
  const { events = sampleEvents, ...rest } = changes
  const facts = noFacts()
  for (const event of events) {
    const type = event.$typeName
    noteFact(facts, { domain: 'sample', correlationId: '', recordedMs: 0, type, event })
  }
  return {
    trade: sampleTrade,
    facts,
    stock: [
      { product: 1, onHand: 6, reserved: 0, shipped: 4 },
      { product: 2, onHand: 2, reserved: 0, shipped: 3 },
    ],
    revenue: [{ country: 'Peru', month: '2012-07', orders: 1, cents: 1000n }],
    deadLetters: [],
    complete: true,
    inTurn: true,
    ...rest,
  }
}

/** The event that an order comes in. */
export function placed({ number, lines }: Pick<TradeOrder, 'number' | 'lines'>): BusinessEvent {
  return create(order.OrderPlacedSchema, { order: { number, lines: [...lines] } })
}

/** The event that an order is cancelled. */
export function cancelled(number: number, code: string): BusinessEvent {
  return create(order.OrderCancelledSchema, { number, code, reason: 'told so' })
}

/** The event that units are set aside for a line. */
export function reserved(
  number: number,
  line: number,
  product: number,
  quantity: number,
): BusinessEvent {
  return create(inventory.StockReservedSchema, { order: number, line, product, quantity })
}

/** The event that units are put back. */
export function released(
  number: number,
  line: number,
  product: number,
  quantity: number,
): BusinessEvent {
  return create(inventory.StockReleasedSchema, { order: number, line, product, quantity })
}

/** The event that units leave the house. */
export function shipped(
  number: number,
  line: number,
  product: number,
  quantity: number,
): BusinessEvent {
  return create(inventory.StockShippedSchema, { order: number, line, product, quantity })
}

/** The event that an account is charged. */
export function charged(number: number, cents: bigint): BusinessEvent {
  return create(account.AccountChargedSchema, { customer: 'ANN', order: number, cents })
}

/** The event that a charge is refunded. */
export function refunded(number: number, cents: bigint): BusinessEvent {
  return create(account.ChargeRefundedSchema, { customer: 'ANN', order: number, cents })
}
