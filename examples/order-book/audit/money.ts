/**
 * The money: a confirmed order is charged and invoiced once, every charge of an amended order is
 * refunded once, no refund comes without its charge, and no account exceeds its limit.
 */
import type { TradeOrder } from '../northwind.ts'
import { formatCents } from '../money.ts'
import type { Evidence, Finding } from './evidence.ts'
import type { OrderFacts } from './facts.ts'

/** Rules `CHARGE_WRONG`, `CHARGE_KEPT`, `REFUND_TWICE`, `REFUND_WITHOUT_CHARGE`, `INVOICE_WRONG`. */
export function* auditCharges({ trade, facts }: Evidence): Iterable<Finding> {
  for (const wanted of trade.orders) {
    const order = facts.orders.get(wanted.number)
    if (order === undefined) continue
    const about = `order ${wanted.number}`
    for (const [rule, text] of chargeFaults(wanted, order)) yield { rule, about, text }
  }
}

function* chargeFaults(
  wanted: TradeOrder,
  order: OrderFacts,
): Iterable<readonly [rule: string, text: string]> {
  const total = wanted.lines.reduce((sum, { cents }) => sum + cents, 0n)
  const { charged, refunded, invoiced, paid, confirmed } = order
  const wrong = [...charged, ...refunded, ...invoiced, ...paid].filter((cents) => cents !== total)
  if (wrong.length > 0) {
    yield ['CHARGE_WRONG', `${wrong.map(formatCents).join(', ')} instead of ${formatCents(total)}`]
  }
  const charges = confirmed.length > 0 ? charged.length === 1 : charged.length <= 1
  if (!charges) yield ['CHARGE_WRONG', `charged ${charged.length} times`]
  if (order.refundsTooEarly > 0) yield ['REFUND_WITHOUT_CHARGE', 'refunded, but not charged']
  else if (confirmed.length > 0 && refunded.length > 0) {
    yield ['REFUND_WITHOUT_CHARGE', 'confirmed, and refunded all the same']
  }
  if (refunded.length > 1) yield ['REFUND_TWICE', `refunded ${refunded.length} times`]
  if (confirmed.length === 0 && refunded.length < charged.length) {
    yield ['CHARGE_KEPT', `charged ${charged.length} times, refunded ${refunded.length} times`]
  }
  if (invoiced.length !== (confirmed.length > 0 ? 1 : 0) || paid.length > invoiced.length) {
    yield ['INVOICE_WRONG', `invoiced ${invoiced.length} times, paid ${paid.length} times`]
  }
}

/** Rule `CREDIT_OVERRUN`. */
export function* auditCredit({ trade, facts }: Evidence): Iterable<Finding> {
  for (const [customer, { highest }] of facts.owed) {
    if (highest <= trade.creditLimitCents) continue
    const text = `owed ${formatCents(highest)}, limit ${formatCents(trade.creditLimitCents)}`
    yield { rule: 'CREDIT_OVERRUN', about: `customer ${customer}`, text }
  }
}

/** Rule `PARCEL_WRONG`: a confirmed order has one parcel, a cancelled one none. */
export function* auditParcels({ facts }: Evidence): Iterable<Finding> {
  for (const [number, { parcels, confirmed }] of facts.orders) {
    if (parcels === (confirmed.length > 0 ? 1 : 0)) continue
    yield { rule: 'PARCEL_WRONG', about: `order ${number}`, text: `${parcels} parcels left` }
  }
}
