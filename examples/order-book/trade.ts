/** What there is to do: the data with the settings applied, replays included. */
import { addDays } from './calendar.ts'
import type { Settings } from './gen/book_pb.ts'
import type { Northwind, OrderLine, TradeOrder } from './northwind.ts'

/** A product and what the warehouse starts with. */
export type StockedProduct = {
  readonly id: number
  readonly name: string
  readonly opening: number
}

/** The whole job. */
export type Trade = {
  readonly products: readonly StockedProduct[]
  readonly customers: ReadonlyMap<string, string>
  readonly shippers: ReadonlyMap<number, string>
  readonly creditLimitCents: bigint
  /** In the order in which they are placed. */
  readonly orders: readonly TradeOrder[]
}

// The data reach over 671 days and 830 numbers; replays follow each other without overlap.
const REPLAY_DAYS = 728
const REPLAY_NUMBERS = 1000

/** Applies the settings to the data. Stock for every replay is there from the beginning. */
export function planTrade(data: Northwind, settings: Settings): Trade {
  const { stockFactor, creditLimitCents, repeat } = settings
  return {
    products: data.products.map(({ id, name, unitsInStock }) => ({
      id,
      name,
      opening: Math.round(unitsInStock * stockFactor) * repeat,
    })),
    customers: new Map(data.customers.map(({ id, name }) => [id, name])),
    shippers: new Map(data.shippers.map(({ id, name }) => [id, name])),
    creditLimitCents,
    orders: Array.from({ length: repeat }, (_, replay) => data.orders.map(replayed(replay))).flat(),
  }
}

/** What an order costs. */
export function orderCents(lines: readonly Pick<OrderLine, 'cents'>[]): bigint {
  return lines.reduce((sum, line) => sum + line.cents, 0n)
}

function replayed(replay: number): (order: TradeOrder) => TradeOrder {
  const days = replay * REPLAY_DAYS
  return (order) => ({
    ...order,
    number: order.number + replay * REPLAY_NUMBERS,
    orderedOn: addDays(order.orderedOn, days),
    shippedOn: order.shippedOn === undefined ? undefined : addDays(order.shippedOn, days),
  })
}
