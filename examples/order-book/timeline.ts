/** Tells what happened to one order, for somebody who only knows what an order is. */
import type { BusinessEvent, Entry } from './history.ts'
import { formatCents } from './money.ts'
import { orderCents, type Trade } from './trade.ts'

/** The lines of the tale. `entries` is the history of the order, oldest first. */
export function tellOrder(trade: Trade, number: number, entries: readonly Entry[]): string[] {
  const order = trade.orders.find((candidate) => candidate.number === number)
  if (order === undefined) return []
  const customer = trade.customers.get(order.customer) ?? order.customer
  const started = entries[0]?.recordedMs ?? 0
  const told = entries.flatMap(({ recordedMs, event }) => {
    const text = event && tellEvent(trade, number, event)
    return text === undefined ? [] : [`  ${elapsed(recordedMs - started)}  ${text}`]
  })
  return [
    `What happened to order ${number}: ${customer} ordered ${plural(order.lines.length, 'product')}` +
      ` for ${formatCents(orderCents(order.lines))}.`,
    '',
    ...told,
    '',
    'Every step that had taken effect was taken back, the last one first; each line above was on',
    'disk before the next one began, so a crash anywhere in between would have changed nothing.',
  ]
}

function tellEvent(trade: Trade, number: number, event: BusinessEvent): string | undefined {
  const units = (moved: { product: number; quantity: number }): string =>
    `${moved.quantity} x ${trade.products.find(({ id }) => id === moved.product)?.name}`
  switch (event.$typeName) {
    case 'orderbook.order.OrderPlaced':
      return 'The order comes in.'
    case 'orderbook.inventory.StockReserved':
      return `+ Set aside in the warehouse: ${units(event)}.`
    case 'orderbook.account.AccountCharged':
      return `+ Charged to the customer's account: ${formatCents(event.cents)}.`
    case 'orderbook.fulfillment.StepRefused':
      return `! ${tellRefusal(trade, number, event)} From here on everything is undone.`
    case 'orderbook.account.ChargeRefunded':
      return `- Refunded to the customer's account: ${formatCents(event.cents)}.`
    case 'orderbook.inventory.StockReleased':
      return `- Put back on the shelf: ${units(event)}.`
    case 'orderbook.order.OrderCancelled':
      return `The order is cancelled: ${event.code}, ${event.reason}.`
    case 'orderbook.order.OrderConfirmed':
      return 'The order is confirmed.'
    case 'orderbook.shipment.ShipmentDispatched':
      return `+ Handed over to ${trade.shippers.get(event.shipper)}.`
    case 'orderbook.account.ChargeInvoiced':
      return `Invoice written, due ${event.dueOn}.`
    case 'orderbook.inventory.StockShipped':
      return `Left the warehouse: ${units(event)}.`
    // What the process manager notes for itself says nothing new.
    case 'orderbook.book.BooksOpened':
    case 'orderbook.inventory.StockReceived':
    case 'orderbook.account.CreditLimitSet':
    case 'orderbook.account.ChargePaid':
    case 'orderbook.fulfillment.FulfillmentStarted':
    case 'orderbook.fulfillment.StepTaken':
    case 'orderbook.fulfillment.StepUndone':
      return undefined
    default:
      return event satisfies never
  }
}

function tellRefusal(
  trade: Trade,
  number: number,
  refusal: { step: number; code: string; reason: string },
): string {
  const line = trade.orders.find((order) => order.number === number)?.lines[refusal.step]
  const name = trade.products.find(({ id }) => id === line?.product)?.name
  switch (refusal.code) {
    case 'OUT_OF_STOCK':
      return `Not enough ${name}: ${refusal.reason}.`
    case 'CREDIT_EXCEEDED':
      return `Too much credit: ${refusal.reason}.`
    case 'NO_CARRIER':
      return 'No carrier takes the parcel.'
    default:
      return `Refused: ${refusal.code}, ${refusal.reason}.`
  }
}

/** The order whose tale is worth telling most: the one that had come furthest. */
export function orderToTell(
  trade: Trade,
  amended: ReadonlyMap<number, string>,
): number | undefined {
  const lines = new Map(trade.orders.map((order) => [order.number, order.lines.length]))
  const worth = ([number, code]: readonly [number, string]): number => {
    const length = lines.get(number) ?? 0
    const depth = code === 'NO_CARRIER' ? 200 : code === 'CREDIT_EXCEEDED' ? 100 : 0
    return depth + (length > 1 && length < 5 ? 50 + length : 0) - number / 1e6
  }
  return [...amended].toSorted((a, b) => worth(b) - worth(a))[0]?.[0]
}

function elapsed(ms: number): string {
  return `${ms.toFixed(0).padStart(6)} ms`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
