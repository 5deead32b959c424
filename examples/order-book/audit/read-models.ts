/** The read models say what the events say. */
import type { Evidence, Finding } from './evidence.ts'
import type { Movement } from './facts.ts'

/** Rule `STOCK_ROW`: the projection `stock` equals the sums of the movements. */
export function* auditStockRows({ trade, facts, stock }: Evidence): Iterable<Finding> {
  const orders = [...facts.orders.values()]
  const reserved = sums(orders.flatMap((order) => order.reserved))
  const released = sums(orders.flatMap((order) => order.released))
  const shipped = sums(orders.flatMap((order) => order.shipped))
  const rows = new Map(stock.map((row) => [row.product, row]))
  for (const { id } of trade.products) {
    const gone = shipped.get(id) ?? 0
    const expected = said({
      onHand: (facts.received.get(id) ?? 0) - gone,
      reserved: (reserved.get(id) ?? 0) - (released.get(id) ?? 0) - gone,
      shipped: gone,
    })
    const row = rows.get(id)
    const actual = row === undefined ? 'nothing' : said(row)
    if (actual !== expected && facts.received.has(id)) {
      const text = `the projection says ${actual}, the events say ${expected}`
      yield { rule: 'STOCK_ROW', about: `product ${id}`, text }
    }
  }
}

/** Rule `REVENUE_ROW`: the projection `revenue` equals the confirmed orders of the data. */
export function* auditRevenueRows({ trade, facts, revenue }: Evidence): Iterable<Finding> {
  const expected = new Map<string, { orders: number; cents: bigint }>()
  for (const { number, country, orderedOn, lines } of trade.orders) {
    if (!facts.orders.get(number)?.confirmed.length) continue
    const key = `${country} ${orderedOn.slice(0, 7)}`
    const sum = expected.get(key) ?? { orders: 0, cents: 0n }
    sum.orders++
    sum.cents += lines.reduce((cents, line) => cents + line.cents, 0n)
    expected.set(key, sum)
  }
  const rows = new Map(revenue.map((row) => [`${row.country} ${row.month}`, row]))
  for (const key of new Set([...expected.keys(), ...rows.keys()])) {
    const [want, have] = [earned(expected.get(key)), earned(rows.get(key))]
    if (want === have) continue
    const text = `the projection says ${have}, the orders say ${want}`
    yield { rule: 'REVENUE_ROW', about: key, text }
  }
}

function sums(movements: readonly Movement[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const { product, quantity } of movements) {
    found.set(product, (found.get(product) ?? 0) + quantity)
  }
  return found
}

function said(row: { onHand: number; reserved: number; shipped: number }): string {
  return `${row.onHand} on hand, ${row.reserved} reserved, ${row.shipped} shipped`
}

function earned(row: { orders: number; cents: bigint } | undefined): string {
  return row === undefined ? 'nothing' : `${row.orders} orders, ${row.cents} cents`
}
