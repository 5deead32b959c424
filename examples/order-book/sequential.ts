/**
 * The same business as a plain loop: one order after the other, in memory, nothing that could fail
 * in between. It shares nothing with the components; with `--concurrency 1` both must agree on
 * every order.
 */
import { addDays } from './calendar.ts'
import type { TradeOrder } from './northwind.ts'
import type { Trade } from './trade.ts'

/** How an order ends: confirmed, or amended for one of three reasons. */
export type Verdict = 'CONFIRMED' | 'OUT_OF_STOCK' | 'CREDIT_EXCEEDED' | 'NO_CARRIER'

type Debt = { readonly cents: bigint; readonly dueOn: string }

const PAYMENT_TERM_DAYS = 30

/** The verdict on every order, by number. */
export function judgeInTurn(trade: Trade): ReadonlyMap<number, Verdict> {
  const free = new Map(trade.products.map(({ id, opening }) => [id, opening]))
  const debts = new Map<string, Debt[]>()
  const verdicts = new Map<number, Verdict>()
  for (const order of trade.orders) {
    const owed = (debts.get(order.customer) ?? []).filter(({ dueOn }) => dueOn > order.orderedOn)
    const cents = order.lines.reduce((sum, line) => sum + line.cents, 0n)
    const owedCents = owed.reduce((sum, debt) => sum + debt.cents, 0n)
    const credit = owedCents + cents <= trade.creditLimitCents
    verdicts.set(order.number, judge(order, free, credit))
    if (verdicts.get(order.number) === 'CONFIRMED' && order.shippedOn !== undefined) {
      for (const { product, quantity } of order.lines) {
        free.set(product, (free.get(product) ?? 0) - quantity)
      }
      debts.set(order.customer, [
        ...owed,
        { cents, dueOn: addDays(order.shippedOn, PAYMENT_TERM_DAYS) },
      ])
    }
  }
  return verdicts
}

function judge(order: TradeOrder, free: ReadonlyMap<number, number>, credit: boolean): Verdict {
  const wanted = new Map<number, number>()
  for (const { product, quantity } of order.lines) {
    wanted.set(product, (wanted.get(product) ?? 0) + quantity)
  }
  for (const [product, quantity] of wanted) {
    if (quantity > (free.get(product) ?? 0)) return 'OUT_OF_STOCK'
  }
  if (!credit) return 'CREDIT_EXCEEDED'
  return order.shippedOn === undefined ? 'NO_CARRIER' : 'CONFIRMED'
}
