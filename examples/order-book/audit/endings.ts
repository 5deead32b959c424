/** Every order is placed once and ends once: confirmed or cancelled, never both, none open. */
import type { Evidence, Finding } from './evidence.ts'

/** Rules `ORDER_MISSING`, `ORDER_UNKNOWN`, `ORDER_PLACED_TWICE`, `ORDER_OPEN`, `ORDER_ENDED_TWICE`. */
export function* auditEndings({ trade, facts, complete }: Evidence): Iterable<Finding> {
  const wanted = new Set(trade.orders.map(({ number }) => number))
  for (const number of wanted) {
    if (complete && !facts.orders.has(number)) yield finding('ORDER_MISSING', number, 'not placed')
  }
  for (const [number, { placed, confirmed, cancelled }] of facts.orders) {
    if (!wanted.has(number)) yield finding('ORDER_UNKNOWN', number, 'nobody ordered it')
    if (placed !== 1) yield finding('ORDER_PLACED_TWICE', number, `placed ${placed} times`)
    const endings = confirmed.length + cancelled.length
    if (endings === 0) yield finding('ORDER_OPEN', number, 'neither confirmed nor cancelled')
    if (endings > 1) {
      const text = `confirmed ${confirmed.length} times, cancelled ${cancelled.length} times`
      yield finding('ORDER_ENDED_TWICE', number, text)
    }
  }
}

const finding = (rule: string, number: number, text: string): Finding => ({
  rule,
  about: `order ${number}`,
  text,
})
