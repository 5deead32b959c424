/**
 * The steps of fulfilling an order, each with the command that takes it and the one that undoes it:
 * reserve line by line, charge the account, hand the parcel to a carrier.
 */
import { command } from 'amends'
import type { CommandBook } from 'amends/proto'
import * as account from '../gen/account_pb.ts'
import * as inventory from '../gen/inventory_pb.ts'
import * as order from '../gen/order_pb.ts'
import * as shipment from '../gen/shipment_pb.ts'
import { orderCents } from '../trade.ts'

/** One step, and the way back. */
export type Step = {
  readonly take: () => CommandBook
  /** The last step has none: once a carrier has the parcel, nothing is undone. */
  readonly undo?: () => CommandBook
}

/** All steps of an order, in turn. */
export function stepsOf(wanted: order.Order): readonly Step[] {
  return [...wanted.lines.map(reserve(wanted)), charge(wanted), handOver(wanted)]
}

function reserve(wanted: order.Order): (line: order.Line, index: number) => Step {
  return ({ product, quantity }, index) => {
    const root = String(product)
    const place = { order: wanted.number, line: index + 1 }
    return {
      take: () =>
        command('inventory', root, inventory.ReserveStockSchema, { ...place, product, quantity }),
      undo: () => command('inventory', root, inventory.ReleaseStockSchema, place),
    }
  }
}

function charge({ number, customer, orderedOn, lines }: order.Order): Step {
  const cents = orderCents(lines)
  return {
    take: () =>
      command('account', customer, account.ChargeAccountSchema, {
        order: number,
        cents,
        on: orderedOn,
      }),
    undo: () => command('account', customer, account.RefundChargeSchema, { order: number }),
  }
}

function handOver(wanted: order.Order): Step {
  const root = String(wanted.number)
  return {
    take: () => command('shipment', root, shipment.RequestCarrierSchema, { order: wanted }),
  }
}
