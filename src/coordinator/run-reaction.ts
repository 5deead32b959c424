/**
 * One reaction: the handler runs, and what it decided is one commit (design section 6).
 *
 * 1. The commit holds the process manager's events, a claim on (component, trigger), and
 *    everything that was emitted, as deliveries.
 * 2. A claimed trigger never runs its handler again; what is tried again is the stored message.
 * 3. Short cut: a saga that emits one command for this ledger has claim and target in one write.
 */
import { codedError, codeOf } from '../errors.ts'
import type { Claim, StoredEvent } from '../ledger/ledger.ts'
import type { RevocationResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { allRows } from './all-rows.ts'
import { editionNamed } from './branches.ts'
import type { CascadePart } from './cascade.ts'
import { commandEnded, deeper } from './cascade-of-delivery.ts'
import { commandWork } from './command-work.ts'
import { type Delivery, deliveryOf, putDelivery } from './delivery.ts'
import { messagesOfFacts } from './facts-of-book.ts'
import { isRefusal } from './is-refusal.ts'
import { type Emitter, planOutputs } from './plan-outputs.ts'
import { planRefusal } from './plan-refusal.ts'
import { causeRows } from './process-causes.ts'
import type { ReactionContext } from './reaction-context.ts'
import type { Settlement } from './settlement.ts'
import type { ProcessManagerEndpoint, SagaEndpoint } from './reactive-endpoint.ts'
import type { Outputs } from './stateful-endpoint.ts'
import { deliveryKey, DELIVERIES } from './spaces.ts'
import { parentIn } from './telemetry/watching-part.ts'
import { originOf, type Trigger } from './trigger.ts'
import { withDeadline } from './with-deadline.ts'

/** The run to make: a trigger, and the claim that marks it as run. */
export type Run = {
  readonly trigger: Trigger
  readonly emitter: Emitter
  readonly claim: Claim
  /** What else the commit settles; nothing for an event of the log. */
  readonly settles?: ((answer: ReactionAnswer) => Settlement) | undefined
}

/** What a component answered, as far as a settlement depends on it. */
export type ReactionAnswer = {
  /** True when it stored or emitted anything. */
  readonly acted: boolean
  /** What a process manager wants to become of a rejection. */
  readonly wish: RevocationResponse | undefined
}

/** The run of an event of the log. */
export function runOf(
  context: ReactionContext,
  lane: string,
  event: StoredEvent,
  cascade: CascadePart | undefined,
): Run {
  const trigger: Trigger = { kind: 'event', event }
  const { visibility } = event
  const { endpoint } = context
  const origin = originOf(trigger)
  return {
    trigger,
    emitter: {
      component: endpoint.name,
      componentKind: endpoint.kind,
      lane,
      origin,
      path: '',
      cascade: deeper(cascade),
      cascadeId: visibility.kind === 'pending' ? cascade?.cascade.cascadeId : undefined,
    },
    claim: triggerClaim(endpoint.name, event),
  }
}

/** Marks that a component has run for an event. */
export function triggerClaim(component: string, event: StoredEvent): Claim {
  return { scope: event.key, key: `reaction#${component}#${event.sequence}` }
}

/**
 * Runs the handler and writes down what it decided.
 *
 * @returns the deliveries that are now under way
 * @throws CodedError `LEASE_LOST` when another process has taken over; `UNKNOWN_DOMAIN` for a fact
 * that nobody can take; whatever the handler or the ledger threw
 */
export async function runReaction(
  context: ReactionContext,
  asked: Run,
): Promise<readonly Delivery[]> {
  const { endpoint, ledger } = context
  const name = asked.emitter.origin.key.edition
  const edition = name === '' ? undefined : await editionNamed(ledger, name)
  const now = context.clock.wall()
  const { trigger, emitter } = asked
  return await context.watch.reaction(endpoint, trigger, emitter.traceparent, (traceparent) => {
    const run = { ...asked, emitter: { ...emitter, edition, now, traceparent } }
    return endpoint.kind === 'saga'
      ? runSaga(context, endpoint, run)
      : runProcessManager(context, endpoint, run)
  })
}

async function runSaga(
  context: ReactionContext,
  saga: SagaEndpoint,
  run: Run,
): Promise<readonly Delivery[]> {
  const { traceparent } = run.emitter
  const outputs = await context.watch.sagaHandler(traceparent, (trace) =>
    withDeadline(Promise.resolve(saga.decide(run.trigger, trace)), context),
  )
  checkFacts(context, outputs)
  const deliveries = planOutputs(run.emitter, outputs)
  if (deliveries.length === 0 && run.settles === undefined) return []
  const [only] = deliveries
  if (deliveries.length === 1 && only !== undefined && run.settles === undefined) {
    const direct = await deliverDirectly(context, run, only)
    if (direct !== undefined) return direct
  }
  const answer = { acted: deliveries.length > 0, wish: undefined }
  const outcome = await context.journal.commit(settlementOf(context, run, deliveries, answer))
  if (outcome.kind === 'conflict') throw leaseLost(saga.name)
  return outcome.kind === 'duplicate' ? await underWay(context, run.emitter) : deliveries
}

async function deliverDirectly(
  context: ReactionContext,
  run: Run,
  delivery: Delivery,
): Promise<readonly Delivery[] | undefined> {
  const work = commandWork(context, delivery)
  if (work === undefined || work.kind === 'undeliverable') return undefined
  const conditions = context.term()
  let news: readonly Delivery[] = []
  const outcome = await context.commandPath.submit({
    ...work.work,
    settle: (decided) => {
      if (decided.kind === 'accepted') return { claims: [run.claim], conditions }
      if (!isRefusal(decided.error)) return undefined
      const refusal = planRefusal(delivery, work, decided.error, context.clock.wall())
      news = refusal.news
      return { claims: [run.claim], conditions, rows: refusal.rows }
    },
  })
  if (outcome.kind === 'rejected' && codeOf(outcome.error) === 'CASCADE_RESOLVED') {
    throw outcome.error
  }
  commandEnded(context, delivery, work, outcome)
  switch (outcome.kind) {
    case 'accepted':
      return []
    case 'duplicate':
      return await underWay(context, run.emitter)
    case 'rejected':
      if (!isRefusal(outcome.error)) throw outcome.error
      return news
    case 'lost':
      throw leaseLost(context.endpoint.name)
  }
}

async function runProcessManager(
  context: ReactionContext,
  manager: ProcessManagerEndpoint,
  run: Run,
): Promise<readonly Delivery[]> {
  const { origin } = run.emitter
  const key = manager.streamOf(origin.correlationId, origin.key.edition)
  const isFollowed = context.followed.has(key.domain)
  let deliveries: readonly Delivery[] = []
  const outcome = await context.commandPath.submit({
    key,
    endpoint: manager.stateful,
    subject: { kind: 'trigger', trigger: run.trigger },
    correlationId: origin.correlationId,
    expected: undefined,
    strategy: 0,
    idempotencyKey: undefined,
    keyIsNew: true,
    visibility: { kind: 'open' },
    edition: run.emitter.edition,
    cascadeId: run.emitter.cascadeId,
    cascade: run.emitter.cascade,
    trace: parentIn(run.emitter.traceparent),
    settle: (decided) => {
      if (decided.kind === 'rejected') return undefined
      const { decision, events } = decided
      const { outputs = NOTHING, wish } = decision.kind === 'events' ? decision : NO_DECISION
      checkFacts(context, outputs)
      deliveries = planOutputs(run.emitter, outputs)
      const acted = deliveries.length > 0 || events.length > 0
      if (!acted && run.settles === undefined) return undefined
      const settled = settlementOf(context, run, deliveries, { acted, wish })
      if (!isFollowed || events.length === 0) return settled
      const sequences = events.map(({ sequence }) => sequence)
      const causes = causeRows(key, sequences, run.emitter)
      return { ...settled, rows: [...(settled.rows ?? []), ...causes] }
    },
  })
  switch (outcome.kind) {
    case 'accepted':
      return deliveries
    case 'duplicate':
      return await underWay(context, run.emitter)
    case 'rejected':
      throw outcome.error
    case 'lost':
      throw leaseLost(manager.name)
  }
}

const NOTHING: Outputs = { facts: [], commands: [] }
const NO_DECISION: { readonly outputs?: Outputs; readonly wish?: RevocationResponse } = {}

function settlementOf(
  context: ReactionContext,
  run: Run,
  deliveries: readonly Delivery[],
  answer: ReactionAnswer,
): Settlement {
  const now = context.clock.wall()
  const settled = run.settles?.(answer) ?? {}
  return {
    ...settled,
    conditions: [...context.term(), ...(settled.conditions ?? [])],
    claims: [run.claim, ...(settled.claims ?? [])],
    rows: [...deliveries.map((item) => putDelivery(item, now)), ...(settled.rows ?? [])],
  }
}

/**
 * What an earlier run for the same trigger has set under way and is not settled yet: for a run
 * whose outcome nobody could tell.
 */
export async function underWay(
  { ledger }: ReactionContext,
  { component, origin, cascade }: Pick<Emitter, 'component' | 'origin' | 'cascade'>,
): Promise<readonly Delivery[]> {
  const found: Delivery[] = []
  const prefix = deliveryKey(component, origin.position, '')
  for await (const row of allRows(ledger, DELIVERIES, prefix))
    found.push({ ...deliveryOf(row), cascade })
  return found
}

/** Facts cannot be refused, so a fact that nobody can take fails the reaction before it begins. */
function checkFacts(context: ReactionContext, outputs: Outputs): void {
  for (const fact of outputs.facts) {
    const domain = fact.cover?.domain ?? ''
    const target = context.targets.get(domain)
    if (target === undefined) throw codedError('UNKNOWN_DOMAIN', { details: { domain } })
    for (const { type } of messagesOfFacts(fact)) {
      if (!target.admits(type)) {
        throw codedError('NO_FACT_HANDLER', { details: { domain, type_url: type } })
      }
    }
  }
}

function leaseLost(component: string): Error {
  return codedError('LEASE_LOST', { details: { component } })
}
