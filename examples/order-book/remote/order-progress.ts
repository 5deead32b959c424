/**
 * How far an order is: it has settled when nothing about it is still to come, and nothing of it is
 * missing. Histories that were read stream by stream, while things went on, may lack something.
 */
import { type BusinessEvent, correlationOf, type Entry } from '../history.ts'

/** See the top of this file. */
export class OrderProgress {
  readonly #seen = new Map<BusinessEvent['$typeName'], number>()
  #lines = 0

  /** Takes in an event of the order. */
  take(event: BusinessEvent | undefined): void {
    if (event === undefined) return
    this.#seen.set(event.$typeName, this.#count(event.$typeName) + 1)
    if (event.$typeName === 'orderbook.order.OrderPlaced') {
      this.#lines = event.order?.lines.length ?? 0
    }
  }

  get settled(): boolean {
    if (this.#count('orderbook.order.OrderPlaced') === 0) return false
    if (this.#count('orderbook.fulfillment.FulfillmentStarted') === 0) return false
    return this.#isCancelled || this.#isConfirmed
  }

  /** Every step that was taken is noted, undone, and that is noted, too. */
  get #isCancelled(): boolean {
    const taken = this.#count('orderbook.fulfillment.StepTaken')
    const undone = this.#count('orderbook.fulfillment.StepUndone')
    const reserved = this.#count('orderbook.inventory.StockReserved')
    const released = this.#count('orderbook.inventory.StockReleased')
    const charged = this.#count('orderbook.account.AccountCharged')
    const refunded = this.#count('orderbook.account.ChargeRefunded')
    return (
      this.#count('orderbook.order.OrderCancelled') > 0 &&
      this.#count('orderbook.fulfillment.StepRefused') > 0 &&
      taken === reserved + charged &&
      undone === released + refunded &&
      undone === taken
    )
  }

  /** Every line was reserved and shipped, the rest was done, and every step is noted. */
  get #isConfirmed(): boolean {
    return (
      this.#count('orderbook.order.OrderConfirmed') > 0 &&
      this.#count('orderbook.account.AccountCharged') > 0 &&
      this.#count('orderbook.account.ChargeInvoiced') > 0 &&
      this.#count('orderbook.shipment.ShipmentDispatched') > 0 &&
      this.#count('orderbook.inventory.StockReserved') === this.#lines &&
      this.#count('orderbook.inventory.StockShipped') === this.#lines &&
      this.#count('orderbook.fulfillment.StepTaken') === this.#lines + 2
    )
  }

  #count(type: BusinessEvent['$typeName']): number {
    return this.#seen.get(type) ?? 0
  }
}

/** The orders of a history that have been placed and have not settled. */
export function unsettledOrders(entries: Iterable<Entry>): readonly number[] {
  const orders = new Map<string, OrderProgress>()
  const placed = new Map<number, string>()
  for (const { event, correlationId } of entries) {
    const id = event === undefined ? '' : correlationIn(event, correlationId)
    const progress = orders.get(id) ?? new OrderProgress()
    orders.set(id, progress)
    progress.take(event)
    if (event?.$typeName === 'orderbook.order.OrderPlaced') placed.set(event.order?.number ?? 0, id)
  }
  return [...placed].flatMap(([number, id]) => (orders.get(id)?.settled === true ? [] : [number]))
}

/** The correlation id of an event; a book that mixes several says only the last one. */
function correlationIn(event: BusinessEvent, ofBook: string): string {
  return 'order' in event && typeof event.order === 'number' ? correlationOf(event.order) : ofBook
}
