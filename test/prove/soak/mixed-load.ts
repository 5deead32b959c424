/**
 * A mixed load on the order book: orders that are placed and followed by a live stream until they end,
 * confirmed or amended, some of them waited for by the coordinator; stock that comes in; books that
 * are read back, whole and as they were.
 */
import { type Channel, create, DomainClient } from 'amends'
import { SyncMode } from 'amends/proto'
import { isMessage } from '@bufbuild/protobuf'
import { addDays } from '../../../examples/order-book/calendar.ts'
import * as account from '../../../examples/order-book/gen/account_pb.ts'
import * as inventory from '../../../examples/order-book/gen/inventory_pb.ts'
import * as order from '../../../examples/order-book/gen/order_pb.ts'
import { correlationOf, type Entry } from '../../../examples/order-book/history.ts'
import { OrderFollowing } from '../../../examples/order-book/remote/order-following.ts'

/** What took how long. */
export type Timed = (what: 'calls' | 'orders', ms: number) => void

const PRODUCTS = 40
const CUSTOMERS = 25
const UNITS = 200
const LIMIT_CENTS = 400_000n
const ORDERS_A_DAY = 20

/** See the top of this file. Disposing stops following. */
export class MixedLoad implements AsyncDisposable {
  /** Orders that have ended, by how. */
  readonly ended = { confirmed: 0, amended: 0 }
  /** What was not as it must be. */
  readonly failures: string[] = []
  readonly #channel: Channel
  readonly #random: () => number
  readonly #timed: Timed
  readonly #following: OrderFollowing
  readonly #waiting = new Map<number, () => void>()
  #last = 0

  constructor(channel: Channel, random: () => number, timed: Timed) {
    this.#channel = channel
    this.#random = random
    this.#timed = timed
    this.#following = new OrderFollowing({
      channel,
      books: {
        add: (entry) => this.#see(entry),
        close: (error) => void this.failures.push(`following failed: ${String(error)}`),
      },
      known: [],
      onEntry: () => undefined,
    })
  }

  /** Fills the warehouse and opens the accounts. */
  async open(): Promise<void> {
    for (let product = 1; product <= PRODUCTS; product++) await this.#receive(product, UNITS)
    for (let customer = 1; customer <= CUSTOMERS; customer++) {
      await this.#client('account')
        .command(`C${customer}`)
        .withMessage(account.SetCreditLimitSchema, {
          customer: `C${customer}`,
          cents: LIMIT_CENTS,
        })
        .execute()
    }
  }

  /** One order from its placing to its end, with what is asked besides. Never rejects. */
  async one(): Promise<void> {
    const number = ++this.#last
    try {
      const since = performance.now()
      await this.#place(number)
      this.#timed('orders', performance.now() - since)
      await this.#readBack(number)
      if (number % 2 === 0) await this.#receive(this.#pick(PRODUCTS), this.#pick(30))
      if (number % 3 === 0) await this.#readProduct(this.#pick(PRODUCTS))
    } catch (error) {
      this.failures.push(`order ${number}: ${String(error)}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#following[Symbol.asyncDispose]()
  }

  async #place(number: number): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#waiting.set(number, resolve))
    this.#following.follow(number)
    const command = this.#client('order')
      .command(String(number))
      .withMessage(order.PlaceOrderSchema, { order: this.#order(number) })
      .withCorrelationId(correlationOf(number))
    // Some wait until what follows at once is done.
    const syncMode = number % 10 === 0 ? SyncMode.SIMPLE : SyncMode.ASYNC
    if (syncMode === SyncMode.SIMPLE) await command.execute({ syncMode })
    else await this.#call(() => command.execute())
    await ended
  }

  async #readBack(number: number): Promise<void> {
    const query = this.#client('order').query(String(number))
    const pages = await this.#call(() => query.getPages())
    if (pages.length !== 2) this.failures.push(`order ${number} has ${pages.length} events`)
  }

  async #readProduct(product: number): Promise<void> {
    const query = this.#client('inventory').query(String(product)).asOfSequence(0)
    const pages = await this.#call(() => query.getPages())
    if (pages.length !== 1) this.failures.push(`product ${product} had ${pages.length} events`)
  }

  async #receive(product: number, quantity: number): Promise<void> {
    const command = this.#client('inventory')
      .command(String(product))
      .withMessage(inventory.ReceiveStockSchema, { product, quantity })
    await this.#call(() => command.execute())
  }

  #order(number: number): order.Order {
    const orderedOn = addDays('2012-01-01', Math.floor(number / ORDERS_A_DAY))
    const lines = Array.from({ length: this.#pick(4) }, () => ({
      product: this.#pick(PRODUCTS),
      quantity: this.#pick(12),
      cents: BigInt(this.#pick(9000)),
    }))
    return create(order.OrderSchema, {
      number,
      customer: `C${this.#pick(CUSTOMERS)}`,
      country: 'Peru',
      orderedOn,
      shipper: 1,
      lines: lines.map((line) => create(order.LineSchema, line)),
      // Some parcels find no carrier.
      ...(this.#random() < 0.9 && { shippedOn: addDays(orderedOn, 1) }),
    })
  }

  #see({ event }: Entry): void {
    if (isMessage(event, order.OrderConfirmedSchema)) this.ended.confirmed++
    else if (isMessage(event, order.OrderCancelledSchema)) this.ended.amended++
    else return
    this.#waiting.get(event.number)?.()
    this.#waiting.delete(event.number)
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    const since = performance.now()
    const answer = await call()
    this.#timed('calls', performance.now() - since)
    return answer
  }

  #client(domain: string): DomainClient {
    return DomainClient.fromChannel(this.#channel, { domain })
  }

  /** From 1 to `most`. */
  #pick(most: number): number {
    return 1 + Math.floor(this.#random() * most)
  }
}
