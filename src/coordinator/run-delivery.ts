/**
 * One delivery: brought to its target and settled in the target's own commit. A rejection is news
 * for others, enqueued in the commit that settles the delivery (design section 7).
 */
import { codedError, codeOf } from '../errors.ts'
import type { RowChange } from '../ledger/ledger.ts'
import type { Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { commandEnded, commandRefused, deeper } from './cascade-of-delivery.ts'
import { commandWork } from './command-work.ts'
import {
  type Delivery,
  idempotencyKeyOf,
  putDelivery,
  removeDelivery,
  rowKeyOf,
} from './delivery.ts'
import { factWork } from './fact-work.ts'
import { isRefusal } from './is-refusal.ts'
import { isCommitted } from './pending-rows.ts'
import { newsForOuter } from './process-causes.ts'
import { planRefusal, type Refusal } from './plan-refusal.ts'
import { carryOut, rejectionWork } from './rejection-work.ts'
import type { ReactionContext } from './reaction-context.ts'
import { runReaction, underWay } from './run-reaction.ts'
import { DELIVERIES } from './spaces.ts'
import type { Settlement } from './settlement.ts'
import { undoWork } from './undo-work.ts'
import type { Decided, Work, WorkOutcome } from './work.ts'

/**
 * Delivers, and answers with what must be delivered next because of it.
 *
 * @throws CodedError `LEASE_LOST`; whatever kept the message from its target
 */
export async function runDelivery(
  context: ReactionContext,
  delivery: Delivery,
): Promise<readonly Delivery[]> {
  const mayBeSettled = delivery.recovered || delivery.attempts > 1
  if (mayBeSettled && (await isSettled(context, delivery))) {
    // Nobody could tell what became of the attempt before: it has settled the delivery.
    return await underWay(context, delivery)
  }
  return await context.watch.delivery(delivery, async (traced) => {
    try {
      return await deliver(context, traced)
    } catch (error) {
      if (traced.cascadeId === undefined || codeOf(error) !== 'CASCADE_RESOLVED') throw error
      return await deliverLate(context, traced, traced.cascadeId)
    }
  })
}

/** Its cascade has ended meanwhile: with a commit it is a message like any other, else it is void. */
async function deliverLate(
  context: ReactionContext,
  delivery: Delivery,
  cascadeId: string,
): Promise<readonly Delivery[]> {
  if (await isCommitted(context.ledger, cascadeId)) {
    return await deliver(context, { ...delivery, cascadeId: undefined })
  }
  await settleAlone(context, delivery, [])
  return []
}

async function isSettled({ ledger }: ReactionContext, delivery: Delivery): Promise<boolean> {
  return (await ledger.row(DELIVERIES, rowKeyOf(delivery))) === undefined
}

function deliver(context: ReactionContext, delivery: Delivery): Promise<readonly Delivery[]> {
  switch (delivery.parcel.kind) {
    case 'command':
      return deliverCommand(context, delivery)
    case 'fact':
      return settle(context, delivery, factWork(context, delivery))
    case 'compensate':
      return settle(context, delivery, undoWork(context, delivery, delivery.parcel.envelope))
    case 'rejection-to-component':
      return tellComponent(context, delivery)
    case 'rejection-to-source':
      return tellSource(context, delivery)
  }
}

async function deliverCommand(
  context: ReactionContext,
  delivery: Delivery,
): Promise<readonly Delivery[]> {
  const work = commandWork(context, delivery)
  if (work === undefined) return []
  const refusalOf = (error: Error): Refusal =>
    planRefusal(delivery, work, error, context.clock.wall())
  if (work.kind === 'undeliverable') {
    const { news, rows } = refusalOf(work.error)
    await settleAlone(context, delivery, rows)
    commandRefused(context, delivery, work, work.error)
    return news
  }
  let news: readonly Delivery[] = []
  const settled = {
    ...work.work,
    settle: (decided: Decided): Settlement | undefined => {
      const conditions = context.term()
      // It may be decided anew, and otherwise.
      news = []
      if (decided.kind === 'accepted') return { conditions, rows: [removeDelivery(delivery)] }
      if (!isRefusal(decided.error)) return undefined
      const refusal = refusalOf(decided.error)
      news = refusal.news
      return { conditions, rows: [removeDelivery(delivery), ...refusal.rows] }
    },
  }
  const outcome = await submit(context, delivery, settled)
  commandEnded(context, delivery, work, outcome)
  return news
}

/** Submits work that settles the delivery itself. */
async function settle(
  context: ReactionContext,
  delivery: Delivery,
  work: Work,
): Promise<readonly Delivery[]> {
  await submit(context, delivery, work)
  return []
}

async function submit(
  context: ReactionContext,
  delivery: Delivery,
  work: Work,
): Promise<WorkOutcome> {
  const outcome = await context.commandPath.submit(work)
  switch (outcome.kind) {
    case 'accepted':
      return outcome
    case 'duplicate':
      // The target knows it from before; only the row is left.
      await settleAlone(context, delivery, [])
      return outcome
    case 'rejected':
      if (delivery.parcel.kind !== 'command' || !isRefusal(outcome.error)) throw outcome.error
      if (codeOf(outcome.error) === 'CASCADE_RESOLVED') throw outcome.error
      return outcome
    case 'lost':
      throw codedError('LEASE_LOST', { details: { component: delivery.component } })
  }
}

async function settleAlone(
  context: ReactionContext,
  delivery: Delivery,
  rows: readonly RowChange[],
): Promise<void> {
  const outcome = await context.journal.commit({
    conditions: context.term(),
    rows: [removeDelivery(delivery), ...rows],
  })
  if (outcome.kind !== 'committed') {
    throw codedError('LEASE_LOST', { details: { component: delivery.component } })
  }
}

/** The component hears of the rejection; its answer is an ordinary reaction. */
async function tellComponent(
  context: ReactionContext,
  delivery: Delivery,
): Promise<readonly Delivery[]> {
  if (delivery.parcel.kind !== 'rejection-to-component') return []
  const { component, componentKind, lane, origin, path } = delivery
  const { notification } = delivery.parcel
  const claim = { scope: origin.key, key: idempotencyKeyOf(delivery) }
  const mayBeKnown = delivery.recovered || delivery.attempts > 1
  if (mayBeKnown && (await context.ledger.claimed(claim)) !== undefined) {
    await settleAlone(context, delivery, [])
    return await underWay(context, delivery)
  }
  let next: readonly Delivery[] = []
  const deliveries = await runReaction(context, {
    trigger: { kind: 'rejection', notification, origin },
    emitter: {
      component,
      componentKind,
      lane,
      origin,
      path,
      cascade: deeper(delivery.cascade),
      cascadeId: delivery.cascadeId,
      traceparent: delivery.traceparent,
    },
    claim,
    settles: ({ acted, wish }) => {
      const told = toSource(delivery, notification, acted || wish !== undefined)
      const settled = { rows: [removeDelivery(delivery), markAnswered(context, told)] }
      next = [told]
      return wish === undefined ? settled : carryOut(context, told, wish, settled)
    },
  })
  void context.escalations.send()
  return [...deliveries, ...next]
}

/** The news for the source, which says from now on whether the component has answered. */
function toSource(delivery: Delivery, notification: Notification, handled: boolean): Delivery {
  return {
    ...delivery,
    path: delivery.path.replace(/rejection-1$/, 'rejection-2'),
    parcel: { kind: 'rejection-to-source', notification, handled },
    attempts: 0,
  }
}

function markAnswered(context: ReactionContext, told: Delivery): RowChange {
  const put = putDelivery(told, context.clock.wall())
  return put.kind === 'put' ? { ...put, expected: 'any' } : put
}

async function tellSource(
  context: ReactionContext,
  delivery: Delivery,
): Promise<readonly Delivery[]> {
  if (delivery.parcel.kind !== 'rejection-to-source') return []
  const { notification } = delivery.parcel
  const outer = context.followed.has(delivery.origin.key.domain)
    ? await newsForOuter(context.ledger, delivery, notification)
    : undefined
  if (outer !== undefined) {
    await settleAlone(context, delivery, [putDelivery(outer, context.clock.wall())])
    context.enqueue([outer])
    return []
  }
  const answer = rejectionWork(context, delivery)
  if (answer.kind === 'work') {
    const settled = await settle(context, delivery, answer.work)
    void context.escalations.send()
    return settled
  }
  const outcome = await context.journal.commit({
    ...answer.settlement,
    conditions: context.term(),
    rows: [removeDelivery(delivery), ...(answer.settlement.rows ?? [])],
  })
  void context.escalations.send()
  if (outcome.kind === 'committed') return []
  if (outcome.kind === 'conflict' && outcome.on.kind === 'stream') {
    await settleAlone(context, delivery, [])
    return []
  }
  throw codedError('LEASE_LOST', { details: { component: delivery.component } })
}
