/**
 * The warehouse: every product got its opening stock, what left it is what confirmed orders wanted,
 * nothing is set aside for an order that has ended, and nothing was promised that was not there.
 */
import type { Evidence, Finding } from './evidence.ts'
import type { Movement } from './facts.ts'

/** Rules `STOCK_OPENING`, `STOCK_SHIPPED`, `STOCK_OVERSOLD`. */
export function* auditStock({ trade, facts }: Evidence): Iterable<Finding> {
  const wanted = new Map<number, number>()
  const left = new Map<number, number>()
  for (const { number, lines } of trade.orders) {
    const order = facts.orders.get(number)
    order?.shipped.forEach(({ product, quantity }) => add(left, product, quantity))
    if (order === undefined || order.confirmed.length === 0) continue
    lines.forEach(({ product, quantity }) => add(wanted, product, quantity))
  }
  for (const { id, opening } of trade.products) {
    const about = `product ${id}`
    const received = facts.received.get(id) ?? 0
    if (received !== opening) {
      yield { rule: 'STOCK_OPENING', about, text: `${received} received, ${opening} expected` }
    }
    const onHand = received - (left.get(id) ?? 0)
    const expected = opening - (wanted.get(id) ?? 0)
    if (onHand !== expected) {
      const text = `${onHand} in the house, ${expected} expected: what is not shipped must be there`
      yield { rule: 'STOCK_SHIPPED', about, text }
    }
    const lowest = facts.free.get(id)?.lowest ?? 0
    if (lowest < 0) {
      yield { rule: 'STOCK_OVERSOLD', about, text: `${-lowest} units promised that were not there` }
    }
  }
}

/** Rules `STOCK_RESERVED` and `LINE_WRONG`. */
export function* auditLines({ trade, facts }: Evidence): Iterable<Finding> {
  for (const { number, lines } of trade.orders) {
    const order = facts.orders.get(number)
    if (order === undefined) continue
    const about = `order ${number}`
    const confirmed = order.confirmed.length > 0
    for (const [index, { product, quantity }] of lines.entries()) {
      const line = index + 1
      const same = (moved: Movement): boolean =>
        moved.line === line && moved.product === product && moved.quantity === quantity
      const reserved = order.reserved.filter(same).length
      const released = order.released.filter(same).length
      const shipped = order.shipped.filter(same).length
      const moves = `reserved ${reserved}, released ${released}, shipped ${shipped} times`
      if (reserved > released + shipped) {
        yield { rule: 'STOCK_RESERVED', about, text: `line ${line} is still set aside: ${moves}` }
      }
      const right = confirmed
        ? reserved === 1 && shipped === 1 && released === 0
        : reserved <= 1 && shipped === 0 && released === reserved
      if (!right) yield { rule: 'LINE_WRONG', about, text: `line ${line} was ${moves}` }
    }
    const moves = order.reserved.length + order.released.length + order.shipped.length
    const known = [...order.reserved, ...order.released, ...order.shipped].filter((moved) => {
      const line = lines[moved.line - 1]
      return line?.product === moved.product && line.quantity === moved.quantity
    }).length
    if (known < moves) {
      yield { rule: 'LINE_WRONG', about, text: `${moves - known} movements belong to no line` }
    }
  }
}

function add(sums: Map<number, number>, key: number, quantity: number): void {
  sums.set(key, (sums.get(key) ?? 0) + quantity)
}
