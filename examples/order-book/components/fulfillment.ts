/**
 * Takes an order through its steps, one at a time. When one is refused, it goes back: it undoes the
 * steps in effect, last one first, and cancels the order when nothing is left to undo.
 *
 * 1. Its own events are its memory: where it stands is the fold of them.
 * 2. One command is under way at a time, so each answer is about the step it stands at.
 * 3. Before the last step everything can be undone, after it nothing has to be.
 */
import {
  command,
  create,
  defineProcessManager,
  ProcessManagerResponse,
  type Rejection,
} from 'amends'
import * as account from '../gen/account_pb.ts'
import * as own from '../gen/fulfillment_pb.ts'
import * as inventory from '../gen/inventory_pb.ts'
import * as order from '../gen/order_pb.ts'
import * as shipment from '../gen/shipment_pb.ts'
import { stepsOf } from './steps.ts'

/** The process manager; one for each correlation id, so one for each order. */
export const fulfillment = defineProcessManager({
  name: 'fulfillment',
  pmDomain: 'fulfillment',
  sources: ['order', 'inventory', 'account', 'shipment'],
  targets: ['order', 'inventory', 'account', 'shipment'],
  state: own.StateSchema,
})
  .handles(order.OrderPlacedSchema, ({ order: wanted }) => begin(wanted))
  .handles(inventory.StockReservedSchema, (_, state) => taken(state))
  .handles(account.AccountChargedSchema, (_, state) => taken(state))
  .handles(shipment.ShipmentDispatchedSchema, (_, state) => taken(state))
  .rejected('inventory', inventory.ReserveStockSchema, (_, state, why) => refused(state, why))
  .rejected('account', account.ChargeAccountSchema, (_, state, why) => refused(state, why))
  .rejected('shipment', shipment.RequestCarrierSchema, (_, state, why) => refused(state, why))
  .handles(account.ChargeRefundedSchema, (_, state) => undone(state))
  .handles(inventory.StockReleasedSchema, (_, state) => undone(state))
  .applies(own.FulfillmentStartedSchema, (state, event) => {
    state.order = event.order
  })
  .applies(own.StepTakenSchema, (state) => {
    state.steps++
  })
  .applies(own.StepRefusedSchema, (state, event) => {
    state.refusal = event
  })
  .applies(own.StepUndoneSchema, (state) => {
    state.steps--
  })

function begin(wanted: order.Order | undefined) {
  return new ProcessManagerResponse({
    processEvents: [create(own.FulfillmentStartedSchema, { order: wanted })],
    commands: forward(wanted, 0),
  })
}

function taken({ order: wanted, steps }: own.State) {
  return new ProcessManagerResponse({
    processEvents: [create(own.StepTakenSchema, { step: steps })],
    commands: forward(wanted, steps + 1),
  })
}

function refused({ order: wanted, steps }: own.State, { code, reason }: Rejection) {
  const refusal = create(own.StepRefusedSchema, { step: steps, code, reason })
  return new ProcessManagerResponse({
    processEvents: [refusal],
    commands: back(wanted, steps, refusal),
  })
}

function undone({ order: wanted, steps, refusal }: own.State) {
  return new ProcessManagerResponse({
    processEvents: [create(own.StepUndoneSchema, { step: steps - 1 })],
    commands: back(wanted, steps - 1, refusal),
  })
}

/** The next step, when so many are in effect; nothing when all are. */
function forward(wanted: order.Order | undefined, steps: number) {
  const next = wanted && stepsOf(wanted)[steps]
  return next === undefined ? [] : [next.take()]
}

/** The undo of the last step in effect; when there is none left, the order is cancelled. */
function back(wanted: order.Order | undefined, steps: number, refusal?: own.StepRefused) {
  if (wanted === undefined) return []
  const undo = steps === 0 ? undefined : stepsOf(wanted)[steps - 1]?.undo
  const { code = '', reason = '' } = refusal ?? {}
  return [
    undo?.() ?? command('order', String(wanted.number), order.CancelOrderSchema, { code, reason }),
  ]
}
