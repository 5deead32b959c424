/** The parts of one embedded coordinator, put together. */
import type { Clock } from '../clock.ts'
import { allRows } from './all-rows.ts'
import type { ProjectorDefinition } from '../component/definition.ts'
import type { Random } from '../identity.ts'
import { writeIds } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { emittingProjector } from './cloud-events/emitting-projector.ts'
import { CommandPath } from './command-path.ts'
import { Consequences } from './consequences.ts'
import type { CoordinatorOptions, LogSink } from './coordinator.ts'
import { Journal } from './journal.ts'
import { Leases } from './leases.ts'
import {
  aggregateEndpoint,
  processManagerEndpoint,
  projectorEndpoint,
  sagaEndpoint,
  upcasterEndpoints,
} from './services/remote/component-endpoints.ts'
import type { OpenedPayloads } from './payloads/open-payloads.ts'
import { sweepPayloads } from './payloads/sweep-payloads.ts'
import type { Wiring } from './plan-wiring.ts'
import { ProjectionComponent } from './projection-component.ts'
import type { Cascades } from './cascades.ts'
import { pendingCascades } from './pending-cascades.ts'
import { Projections } from './projections.ts'
import { ReactionComponent } from './reaction-component.ts'
import type { ReactiveEndpoint } from './reactive-endpoint.ts'
import { Escalations } from './escalations.ts'
import { escalationWebhook } from './escalation-webhook.ts'
import { followedProcesses } from './process-causes.ts'
import type { ReactionContext } from './reaction-context.ts'
import { RecentLog } from './recent-log.ts'
import type { Bounds } from './scheduled-component.ts'
import { type ComponentPlan, Scheduler } from './scheduler.ts'
import { reactionSettings, startOf } from './settings.ts'
import { generationName, PENDING_PAGES, projectionSpace } from './spaces.ts'
import { StateCache } from './state-cache.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'
import type { CoordinatorWatch } from './telemetry/coordinator-watch.ts'
import type { Delivery } from './delivery.ts'
import { stopRequests } from './stop-request.ts'
import type { SyncOptions } from './sync-requests.ts'
import { type Upcast, upcasting } from './upcast-event.ts'

/** Events between two snapshots unless the options or the component say otherwise. */
const SNAPSHOT_EVERY = 1_000

/** What an engine is made from. */
export type EngineOptions = {
  readonly options: CoordinatorOptions
  readonly wiring: Wiring
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  readonly bounds: Bounds
  readonly fallbackDomain: string
  readonly log: LogSink
  readonly watch: CoordinatorWatch
  /** Where large payloads are kept; `undefined` when they stay in their pages. */
  readonly payloads?: OpenedPayloads | undefined
}

/** The parts that others need. */
export type Engine = {
  readonly journal: Journal
  readonly targets: ReadonlyMap<string, AggregateEndpoint>
  readonly commandPath: CommandPath
  readonly recent: RecentLog
  readonly escalations: Escalations
  readonly consequences: Consequences
  readonly upcast: Upcast
  readonly cascades: Cascades
  readonly sync: SyncOptions
  readonly scheduler: Scheduler
  readonly projections: Projections
  /** How to run one generation of a projector. */
  readonly projectionPlan: (definition: ProjectorDefinition, generation: number) => ComponentPlan
  /** How to run every component. */
  readonly plans: readonly ComponentPlan[]
}

/** Puts the parts together; nothing runs yet. */
export async function makeEngine(input: EngineOptions): Promise<Engine> {
  const { wiring, ledger, clock, random, bounds, log } = input
  const recent = new RecentLog({ tip: await ledger.tip(), capacity: bounds.recentEventsMax })
  const { payloads, watch } = input
  const journal = await journalOf(input, recent)
  const upcasters = upcasterEndpoints(wiring.upcasters, watch.calls)
  const upcast = upcasting(upcasters, payloads && ((one) => payloads.store.get(one)))
  const targets = targetsOf(input)
  const commandPath = commandPathOf(input, { journal, upcast })
  const consequences = new Consequences()
  const leases = new Leases({ ledger, journal, clock, random, bounds })
  const cascades = pendingCascades({
    ledger,
    journal,
    clock,
    pendingTimeoutMs: bounds.pendingTimeoutMs,
  })
  const scheduler = new Scheduler({
    ledger,
    journal,
    recent,
    leases,
    cascades,
    clock,
    random,
    bounds,
    log,
    sweep: payloads && (() => sweepPayloads({ ...payloads, ledger, journal, clock })),
  })
  const enqueue = (deliveries: readonly Delivery[]): void => scheduler.enqueue(deliveries)
  const stop = stopRequests({ journal, clock, bounds, log, cascades, enqueue })
  const projections = new Projections(ledger, journal)
  await projections.open(wiring.projectors.map(({ name }) => name))

  const escalations = escalationsOf(input, journal)
  const projectionPlan = projectionPlans(input, { journal, upcast, tip: recent.tip })
  const reactionPlan = reactionPlans(input, {
    journal,
    commandPath,
    targets,
    consequences,
    escalations,
    enqueue,
    tip: recent.tip,
  })
  const reactive: readonly ReactiveEndpoint[] = [
    ...wiring.sagas.map((one) => sagaEndpoint(one, upcast, watch.calls)),
    ...wiring.processManagers.map((one) => processManagerEndpoint(one, upcast, watch.calls)),
  ]
  const plans = [
    ...reactive.map(reactionPlan),
    ...wiring.projectors.map((one) => projectionPlan(one, projections.generation(one.name))),
  ]
  return {
    journal,
    recent,
    escalations,
    targets,
    commandPath,
    consequences,
    upcast,
    cascades,
    sync: { clock, bounds, stop },
    scheduler,
    projections,
    projectionPlan,
    plans,
  }
}

function targetsOf({ wiring, watch }: EngineOptions): ReadonlyMap<string, AggregateEndpoint> {
  return new Map(wiring.aggregates.map((one) => [one.domain, aggregateEndpoint(one, watch.calls)]))
}

async function journalOf(
  { ledger, clock, random, payloads, watch }: EngineOptions,
  recent: RecentLog,
): Promise<Journal> {
  const journal = new Journal(ledger, recent, writeIds(clock, random), payloads?.offloading)
  journal.watchedBy(watch.journal)
  for await (const { group } of allRows(ledger, PENDING_PAGES)) {
    if (group !== undefined) watch.journal.foundPending(group)
  }
  return journal
}

function escalationsOf(
  { options, ledger, clock, log }: EngineOptions,
  journal: Journal,
): Escalations {
  const url = options.escalationWebhookUrl
  const send = options.escalate ?? (url === undefined ? undefined : escalationWebhook(url))
  return new Escalations({ ledger, journal, clock, log, send })
}

function commandPathOf(
  { options, ledger, clock, bounds, watch, log }: EngineOptions,
  parts: { readonly journal: Journal; readonly upcast: Upcast },
): CommandPath {
  return new CommandPath({
    ...parts,
    log,
    watch: watch.work,
    ledger,
    cache: new StateCache(bounds.stateCacheBytesMax),
    clock,
    handlerTimeoutMs: bounds.handlerTimeoutMs,
    snapshotEvery: options.snapshotEvery ?? SNAPSHOT_EVERY,
    mailboxLengthMax: bounds.mailboxLengthMax,
    pendingTimeoutMs: bounds.pendingTimeoutMs,
  })
}

function reactionPlans(
  input: EngineOptions,
  parts: Pick<ReactionContext, 'escalations' | 'enqueue'> &
    Pick<Engine, 'journal' | 'commandPath' | 'targets' | 'consequences'> & {
      readonly tip: number
    },
): (endpoint: ReactiveEndpoint) => ComponentPlan {
  const { options, ledger, clock, bounds, fallbackDomain, log } = input
  const { tip, ...others } = parts
  const shared = { ...others, followed: followedProcesses(input.wiring) }
  const { handlerTimeoutMs } = bounds
  return (endpoint) => {
    const settings = options.settings?.[endpoint.name] ?? {}
    return {
      name: endpoint.name,
      kind: endpoint.kind,
      checkpoint: endpoint.name,
      start: startOf(settings.from ?? 'head', tip),
      settings: reactionSettings(settings, bounds),
      make: (host, progress, term) => {
        const own = { endpoint, ledger, clock, log, fallbackDomain, handlerTimeoutMs, term }
        const watch = input.watch.reactions
        return new ReactionComponent({ ...shared, ...own, watch }, host, progress)
      },
    }
  }
}

function projectionPlans(
  input: EngineOptions,
  parts: {
    readonly journal: Journal
    readonly upcast: ReturnType<typeof upcasting>
    readonly tip: number
  },
): Engine['projectionPlan'] {
  const { options, ledger, clock, bounds, log } = input
  const watch = input.watch.reactions
  const { journal, upcast, tip } = parts
  const { handlerTimeoutMs } = bounds
  return (definition, generation) => {
    const { name } = definition
    const settings = options.settings?.[name] ?? {}
    const checkpoint = generationName(name, generation)
    const space = projectionSpace(name, generation)
    const sink = settings.cloudEvents ?? options.cloudEvents
    const endpoint = emittingProjector(projectorEndpoint(definition, upcast, input.watch.calls), {
      sink,
      clock,
      handlerTimeoutMs,
    })
    // A rebuilt projection has seen nothing.
    const from = generation === 1 ? (settings.from ?? 'beginning') : 'beginning'
    return {
      name,
      kind: 'projector',
      checkpoint,
      start: startOf(from, tip),
      settings: reactionSettings(settings, bounds),
      make: (host, progress, term) =>
        new ProjectionComponent(
          {
            endpoint,
            ledger,
            journal,
            clock,
            log,
            watch,
            handlerTimeoutMs,
            space,
            checkpoint,
            term,
          },
          host,
          progress,
        ),
    }
  }
}
