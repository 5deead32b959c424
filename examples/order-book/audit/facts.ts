/**
 * The plain facts of a history: what happened to every order, product and account, written down
 * without judging. It decodes events and knows no component.
 */
import type { BusinessEvent, Entry } from '../history.ts'

/** Units of a product that moved for one line of an order. */
export type Movement = {
  readonly line: number
  readonly product: number
  readonly quantity: number
}

/** What happened for one order, each list in the order of the log. */
export type OrderFacts = {
  placed: number
  readonly confirmed: { readonly country: string; readonly month: string; readonly cents: bigint }[]
  /** Codes of the reasons. */
  readonly cancelled: string[]
  readonly reserved: Movement[]
  readonly released: Movement[]
  readonly shipped: Movement[]
  readonly charged: bigint[]
  readonly refunded: bigint[]
  readonly invoiced: bigint[]
  readonly paid: bigint[]
  parcels: number
  /** Refunds that came when nothing was charged. */
  refundsTooEarly: number
}

/** The facts of a whole history. */
export type Facts = {
  readonly orders: Map<number, OrderFacts>
  /** Stock received, by product. */
  readonly received: Map<number, number>
  /** Units neither reserved nor shipped, by product; the lowest there ever were beside it. */
  readonly free: Map<number, { now: number; lowest: number }>
  /** Open charges by customer; the highest there ever were beside it. */
  readonly owed: Map<string, { now: bigint; highest: bigint }>
  /** Events that no component of this business writes. */
  readonly foreign: string[]
}

/** Facts before anything happened. */
export function noFacts(): Facts {
  return {
    orders: new Map(),
    received: new Map(),
    free: new Map(),
    owed: new Map(),
    foreign: [],
  }
}

/** Writes down one more event. */
export function noteFact(facts: Facts, { event, domain, type }: Entry): void {
  if (event === undefined) facts.foreign.push(`${type} in domain ${domain}`)
  else noteBusiness(facts, event)
}

function noteBusiness(facts: Facts, event: BusinessEvent): void {
  switch (event.$typeName) {
    case 'orderbook.order.OrderPlaced':
      orderOf(facts, event.order?.number ?? 0).placed++
      break
    case 'orderbook.order.OrderConfirmed':
      orderOf(facts, event.number).confirmed.push(event)
      break
    case 'orderbook.order.OrderCancelled':
      orderOf(facts, event.number).cancelled.push(event.code)
      break
    case 'orderbook.inventory.StockReceived':
      facts.received.set(event.product, (facts.received.get(event.product) ?? 0) + event.quantity)
      moveFree(facts, event.product, event.quantity)
      break
    case 'orderbook.inventory.StockReserved':
      orderOf(facts, event.order).reserved.push(event)
      moveFree(facts, event.product, -event.quantity)
      break
    case 'orderbook.inventory.StockReleased':
      orderOf(facts, event.order).released.push(event)
      moveFree(facts, event.product, event.quantity)
      break
    case 'orderbook.inventory.StockShipped':
      orderOf(facts, event.order).shipped.push(event)
      break
    case 'orderbook.account.AccountCharged':
      orderOf(facts, event.order).charged.push(event.cents)
      moveOwed(facts, event.customer, event.cents)
      break
    case 'orderbook.account.ChargeRefunded':
      noteRefund(orderOf(facts, event.order), event.cents)
      moveOwed(facts, event.customer, -event.cents)
      break
    case 'orderbook.account.ChargeInvoiced':
      orderOf(facts, event.order).invoiced.push(event.cents)
      break
    case 'orderbook.account.ChargePaid':
      orderOf(facts, event.order).paid.push(event.cents)
      moveOwed(facts, event.customer, -event.cents)
      break
    case 'orderbook.shipment.ShipmentDispatched':
      orderOf(facts, event.order).parcels++
      break
    // Settings, and what a process manager notes for itself, prove nothing.
    case 'orderbook.book.BooksOpened':
    case 'orderbook.account.CreditLimitSet':
    case 'orderbook.fulfillment.FulfillmentStarted':
    case 'orderbook.fulfillment.StepTaken':
    case 'orderbook.fulfillment.StepRefused':
    case 'orderbook.fulfillment.StepUndone':
      break
    default:
      event satisfies never
  }
}

function noteRefund(order: OrderFacts, cents: bigint): void {
  order.refunded.push(cents)
  if (order.refunded.length > order.charged.length) order.refundsTooEarly++
}

function moveFree({ free }: Facts, product: number, quantity: number): void {
  const units = free.get(product) ?? { now: 0, lowest: 0 }
  units.now += quantity
  units.lowest = Math.min(units.lowest, units.now)
  free.set(product, units)
}

function moveOwed({ owed }: Facts, customer: string, cents: bigint): void {
  const sum = owed.get(customer) ?? { now: 0n, highest: 0n }
  sum.now += cents
  if (sum.now > sum.highest) sum.highest = sum.now
  owed.set(customer, sum)
}

function orderOf({ orders }: Facts, number: number): OrderFacts {
  const known = orders.get(number)
  if (known !== undefined) return known
  const order: OrderFacts = {
    placed: 0,
    confirmed: [],
    cancelled: [],
    reserved: [],
    released: [],
    shipped: [],
    charged: [],
    refunded: [],
    invoiced: [],
    paid: [],
    parcels: 0,
    refundsTooEarly: 0,
  }
  orders.set(number, order)
  return order
}
