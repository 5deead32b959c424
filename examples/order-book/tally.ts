/** Counts what happened, event by event. */
import { isMessage } from '@bufbuild/protobuf'
import { ChargePaidSchema, ChargeRefundedSchema } from './gen/account_pb.ts'
import { StepRefusedSchema } from './gen/fulfillment_pb.ts'
import { StockReleasedSchema } from './gen/inventory_pb.ts'
import { OrderCancelledSchema, OrderConfirmedSchema, OrderPlacedSchema } from './gen/order_pb.ts'
import type { Entry } from './history.ts'

/** The numbers of a run, as far as it has come. */
export type Tally = {
  placed: number
  confirmed: number
  /** Cancelled orders by the code of the reason. */
  amended: Record<string, number>
  /** Steps that were taken back: lines released and charges refunded. */
  compensations: number
  events: number
  /** Commands that were decided: carried out, or refused. */
  commands: number
}

/** Nothing has happened yet. */
export function emptyTally(): Tally {
  const amended = { OUT_OF_STOCK: 0, CREDIT_EXCEEDED: 0, NO_CARRIER: 0 }
  return { placed: 0, confirmed: 0, amended, compensations: 0, events: 0, commands: 0 }
}

/** Counts one more event. */
export function count(tally: Tally, { domain, event }: Entry): void {
  tally.events++
  // One event is one command carried out, but for what a process manager notes down for itself
  // and for payments, which come along with a charge. A refusal leaves only a note.
  if (domain !== 'fulfillment') tally.commands++
  if (isMessage(event, OrderPlacedSchema)) tally.placed++
  else if (isMessage(event, OrderConfirmedSchema)) tally.confirmed++
  else if (isMessage(event, OrderCancelledSchema)) {
    tally.amended[event.code] = (tally.amended[event.code] ?? 0) + 1
  } else if (isMessage(event, StockReleasedSchema) || isMessage(event, ChargeRefundedSchema)) {
    tally.compensations++
  } else if (isMessage(event, ChargePaidSchema)) tally.commands--
  else if (isMessage(event, StepRefusedSchema)) tally.commands++
}

/** How many orders were cancelled, for whatever reason. */
export function amendedOrders(tally: Pick<Tally, 'amended'>): number {
  return Object.values(tally.amended).reduce((sum, orders) => sum + orders, 0)
}
