/** What is known of the books: folded from the log, event by event. */
import { isMessage } from '@bufbuild/protobuf'
import { CreditLimitSetSchema } from './gen/account_pb.ts'
import { BooksOpenedSchema, type Settings } from './gen/book_pb.ts'
import { StockReceivedSchema } from './gen/inventory_pb.ts'
import { OrderCancelledSchema, OrderConfirmedSchema, OrderPlacedSchema } from './gen/order_pb.ts'
import type { Entry } from './history.ts'
import { count, emptyTally, type Tally } from './tally.ts'

/** Knows what is there, and tells whoever waits when an order has ended. */
export class Books {
  readonly tally: Tally = emptyTally()
  /** Products that have received their stock. */
  readonly stocked = new Set<number>()
  /** Customers that have their credit limit. */
  readonly limited = new Set<string>()
  /** Orders that have been placed. */
  readonly placed = new Set<number>()
  /** Amended orders with the code of the reason. */
  readonly amended = new Map<number, string>()
  readonly #confirmed = new Set<number>()
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>()
  #settings: Settings | undefined

  /** Settings the books were opened with; `undefined` while they are not. */
  get settings(): Settings | undefined {
    return this.#settings
  }

  /** Takes in one more event. */
  add(entry: Entry): void {
    count(this.tally, entry)
    const { event } = entry
    if (isMessage(event, BooksOpenedSchema)) this.#settings = event.settings
    else if (isMessage(event, StockReceivedSchema)) this.stocked.add(event.product)
    else if (isMessage(event, CreditLimitSetSchema)) this.limited.add(event.customer)
    else if (isMessage(event, OrderPlacedSchema)) this.placed.add(event.order?.number ?? 0)
    else if (isMessage(event, OrderCancelledSchema)) {
      this.amended.set(event.number, event.code)
      this.#release(event.number)
    } else if (isMessage(event, OrderConfirmedSchema)) {
      this.#confirmed.add(event.number)
      this.#release(event.number)
    }
  }

  /** Orders that have been placed and have not ended. */
  open(): readonly number[] {
    return [...this.placed].filter((number) => !this.#hasEnded(number))
  }

  /** Resolves when the order is confirmed or cancelled; rejects when nothing more is taken in. */
  async ended(number: number): Promise<void> {
    if (this.#hasEnded(number)) return
    const waiting = this.#waiting.get(number) ?? Promise.withResolvers<void>()
    this.#waiting.set(number, waiting)
    await waiting.promise
  }

  /** Nothing more is taken in: whoever waits is told why. */
  close(reason: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }

  #hasEnded(number: number): boolean {
    return this.#confirmed.has(number) || this.amended.has(number)
  }

  #release(number: number): void {
    this.#waiting.get(number)?.resolve()
    this.#waiting.delete(number)
  }
}
