/**
 * What the source of a rejected command does about it: its `@rejected` handler decides, and what
 * nobody answers is recorded as `SagaCompensationFailed` (P4).
 */
import { undeclaredRejection } from '../component/decide-rejection.ts'
import {
  MergeStrategy,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../wire/any.ts'
import type { RevocationResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { Nanoseconds } from '../clock.ts'
import { OPEN, type RowChange } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { compensationFailed } from './compensation-failed.ts'
import { deadLetterOfDelivery, deadLetterOfRejection, putDeadLetter } from './dead-letter-rows.ts'
import { type Delivery, idempotencyKeyOf, removeDelivery, rowKeyOf } from './delivery.ts'
import type { ReactionContext } from './reaction-context.ts'
import type { Settlement } from './settlement.ts'
import { parentIn } from './telemetry/watching-part.ts'
import type { Decided, Work } from './work.ts'

/** Work for the source, or what to write when there is no source to ask. */
export type RejectionWork =
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'nobody'; readonly settlement: Settlement }

/** See the top of this file. */
export function rejectionWork(context: ReactionContext, delivery: Delivery): RejectionWork {
  const { origin, parcel } = delivery
  if (parcel.kind !== 'rejection-to-source') return { kind: 'nobody', settlement: {} }
  const { notification, handled } = parcel
  const endpoint = context.targets.get(origin.key.domain)
  if (endpoint === undefined) {
    return {
      kind: 'nobody',
      settlement: handled ? {} : failed(context, delivery, NO_AGGREGATE),
    }
  }
  const work: Work = {
    key: origin.key,
    endpoint,
    subject: { kind: 'rejection', notification },
    correlationId: notification.cover?.correlationId ?? origin.correlationId,
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: idempotencyKeyOf(delivery),
    keyIsNew: !delivery.recovered && delivery.attempts <= 1,
    visibility: OPEN,
    cascadeId: delivery.cascadeId,
    cascade: delivery.cascade,
    trace: parentIn(delivery.traceparent),
    settle: (decided) => settlementOf(context, delivery, decided, handled),
  }
  return { kind: 'work', work }
}

const NO_AGGREGATE = 'no aggregate serves the source domain'
const EMPTY_ANSWER = 'client logic returned empty response'
const ONLY_FORWARDED = 'client logic only forwarded the notification'

function settlementOf(
  context: ReactionContext,
  delivery: Delivery,
  decided: Decided,
  handled: boolean,
): Settlement | undefined {
  if (decided.kind === 'rejected') return undefined
  const { decision, events } = decided
  const settled: Settlement = {
    conditions: context.term(),
    rows: [removeDelivery(delivery)],
  }
  if (events.length > 0) return settled
  if (decision.kind === 'revocation') {
    return carryOut(context, delivery, decision.revocation, settled)
  }
  if (handled) return settled
  if (decision.kind === 'unhandled') {
    return carryOut(context, delivery, undeclared(delivery), settled)
  }
  const reason = decision.kind === 'notification' ? ONLY_FORWARDED : EMPTY_ANSWER
  return { ...settled, ...failed(context, delivery, reason) }
}

/** What becomes of a rejection that nobody declared a handler for. */
function undeclared(delivery: Delivery): RevocationResponse {
  if (delivery.parcel.kind === 'rejection-to-source') {
    const { result } = undeclaredRejection(delivery.parcel.notification)
    if (result.case === 'revocation') return result.value
  }
  throw new TypeError('not a rejection that waits for its source')
}

/** What a handler that was told of a rejection wants done, added to its settlement. */
export function carryOut(
  context: ReactionContext,
  delivery: Delivery,
  wish: RevocationResponse,
  settled: Settlement,
): Settlement {
  const { reason, sendToDeadLetterQueue, escalate, abort, emitSystemRevocation } = wish
  const now = context.clock.wall()
  const letters: RowChange[] = []
  if (sendToDeadLetterQueue) letters.push(putDeadLetter(deadLetterOfRejection({ delivery, now })))
  if (escalate) {
    context.log('error', 'compensation_escalated', {
      component: delivery.component,
      source_domain: delivery.origin.key.domain,
      source_root: delivery.origin.key.root,
      reason,
    })
  }
  // Nobody waits for the answer, so the error of an abort is kept on the desk.
  if (abort) letters.push(putDeadLetter(abortedLetter(delivery, reason, now)))
  const told = escalate ? escalationRows(context, delivery, reason) : []
  const rows = [...(settled.rows ?? []), ...letters, ...told]
  if (abort || !emitSystemRevocation) return { ...settled, rows }
  return { ...settled, rows, ...failed(context, delivery, reason) }
}

function escalationRows(
  context: ReactionContext,
  delivery: Delivery,
  compensation: string,
): readonly RowChange[] {
  const { parcel, origin } = delivery
  const payload = 'notification' in parcel ? parcel.notification.payload : undefined
  const rejection =
    payload === undefined ? '' : unpackAny(RejectionNotificationSchema, payload).rejectionReason
  const reasons = { rejection, compensation, at: context.clock.wall() }
  return context.escalations.rowsOf(rowKeyOf(delivery), origin, reasons)
}

function abortedLetter(delivery: Delivery, reason: string, now: Nanoseconds): DeadLetterEntry {
  const error = new Error(`Compensation aborted: ${reason}`)
  const entry = deadLetterOfDelivery({ delivery: { ...delivery, attempts: 1 }, error, now })
  // Nothing waits behind it.
  return { ...entry, lane: '' }
}

function failed(context: ReactionContext, delivery: Delivery, reason: string): Settlement {
  if (delivery.parcel.kind !== 'rejection-to-source') return {}
  const { notification } = delivery.parcel
  const { fallbackDomain, clock } = context
  context.log('warn', 'compensation_failed', { component: delivery.component, reason })
  return {
    appends: [
      compensationFailed({ delivery, notification, fallbackDomain, reason, time: clock.wall() }),
    ],
  }
}
