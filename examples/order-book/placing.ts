/** Places the orders, so many at a time, each waiting for its end before the next one comes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Business } from './business.ts'
import { PlaceOrderSchema } from './gen/order_pb.ts'
import { correlationOf } from './history.ts'
import type { TradeOrder } from './northwind.ts'

/** What placing needs to know. */
export type Placing = {
  readonly business: Pick<Business, 'client' | 'ask' | 'follow' | 'books'>
  readonly orders: readonly TradeOrder[]
  /** Orders under way at a time. */
  readonly concurrency: number
  /** Orders placed per second at most; `undefined` sets no pace. */
  readonly ratePerSecond: number | undefined
  /** Stops placing; what is under way still ends. */
  readonly stop: AbortSignal
}

/** Resolves when every order, or every one placed before `stop`, has ended. */
export async function placeOrders(placing: Placing): Promise<void> {
  const { business, orders, concurrency, stop } = placing
  const { books } = business
  const orphans = books.open()
  // What an earlier run left under way goes first, as if it had never been interrupted.
  await Promise.all(orphans.map((number) => books.ended(number)))
  const queue = orders.filter(({ number }) => !books.placed.has(number)).values()
  const turn = pace(placing)
  const work = async (): Promise<void> => {
    for (const order of queue) {
      await turn()
      if (stop.aborted) return
      await place(business, order)
      await books.ended(order.number)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
}

async function place(
  { client, ask, follow }: Placing['business'],
  order: TradeOrder,
): Promise<void> {
  follow(order.number)
  const command = client('order')
    .command(String(order.number))
    .withMessage(PlaceOrderSchema, { order: { ...order, lines: [...order.lines] } })
    .withCorrelationId(correlationOf(order.number))
    .withIdempotencyKey(`place-${order.number}`)
  await ask(() => command.execute())
}

/** Waits until it is the next order's turn. */
function pace({ ratePerSecond, stop }: Placing): () => Promise<void> {
  if (ratePerSecond === undefined) return () => Promise.resolve()
  const started = performance.now()
  let turns = 0
  return async () => {
    const waitMs = started + (turns++ * 1000) / ratePerSecond - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined)
  }
}
