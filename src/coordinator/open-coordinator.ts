/** Composes the engine of one process: ledger, command path, scheduler, desk, clients. */
import { DomainClient } from '../client/domain-client.ts'
import type { CoordinatorTransport } from '../client/transport.ts'
import { systemClock } from '../clock.ts'
import { definitionOf } from '../component/definition-of.ts'
import type { ProjectorDefinition } from '../component/definition.ts'
import { codedError } from '../errors.ts'
import { systemRandom, writeIds } from '../identity.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { limits, type LimitName } from '../limits.ts'
import { CommandPath } from './command-path.ts'
import { Consequences } from './consequences.ts'
import type {
  ComponentOptions,
  Coordinator,
  CoordinatorOptions,
  StartPosition,
} from './coordinator.ts'
import { deadLetterDesk } from './dead-letter-desk.ts'
import { directTransport } from './direct-transport.ts'
import { Journal } from './journal.ts'
import { Leases } from './leases.ts'
import { localAggregate } from './local-aggregate.ts'
import { localProcessManager, localProjector, localSaga } from './local-reactive.ts'
import { logToStderr } from './log-to-stderr.ts'
import { checkDomain } from './plan-names.ts'
import { OwnConsequences } from './own-consequences.ts'
import { planWiring, type Wiring } from './plan-wiring.ts'
import { ProjectionComponent } from './projection-component.ts'
import { Projections } from './projections.ts'
import type { ProgressRecord } from './progress.ts'
import { ReactionComponent } from './reaction-component.ts'
import type { ReactionContext } from './reaction-context.ts'
import type { ReactiveEndpoint } from './reactive-endpoint.ts'
import { RecentLog } from './recent-log.ts'
import type { Bounds, ReactionSettings } from './scheduled-component.ts'
import { type ComponentPlan, orphanedNames, Scheduler } from './scheduler.ts'
import { generationName, projectionSpace } from './spaces.ts'
import { StateCache } from './state-cache.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'
import { upcasting } from './upcast-event.ts'

/** Where `SagaCompensationFailed` goes unless the options say otherwise. */
export const FALLBACK_DOMAIN = 'angzarr-saga-failures'
/** Events between two snapshots unless the options or the component say otherwise. */
const SNAPSHOT_EVERY = 1_000

/**
 * Opens the embedded coordinator: components of this process on one ledger. Dispose it to drain:
 * `await using coordinator = await openCoordinator({ ledger: 'orders.db', components })`.
 *
 * @throws CodedError `WIRING_UNSERVED_DOMAIN`, `WIRING_INVALID`, `COMPONENT_DUPLICATE`,
 * `CONFIGURATION_INVALID`, what a component is refused with, and what `openLedger` throws
 */
export async function openCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const fallbackDomain = options.fallbackDomain ?? FALLBACK_DOMAIN
  checkDomain(fallbackDomain)
  const wiring = planWiring(options.components.map(definitionOf), fallbackDomain)
  const bounds = boundsOf(options.limits)
  checkSettings(options.settings, wiring)
  const clock = options.clock ?? systemClock()
  const random = options.random ?? systemRandom()
  const log = options.log ?? logToStderr
  const owned = typeof options.ledger === 'string'
  const ledger = owned ? await openLedger(options.ledger, { clock }) : options.ledger
  try {
    const recent = new RecentLog({ tip: await ledger.tip(), capacity: bounds.recentEventsMax })
    const journal = new Journal(ledger, recent, writeIds(clock, random))
    const upcast = upcasting(wiring.upcasters)
    const targets = new Map<string, AggregateEndpoint>(
      wiring.aggregates.map((definition) => [definition.domain, localAggregate(definition)]),
    )
    const commandPath = new CommandPath({
      journal,
      ledger,
      cache: new StateCache(bounds.stateCacheBytesMax),
      clock,
      upcast,
      handlerTimeoutMs: bounds.handlerTimeoutMs,
      snapshotEvery: options.snapshotEvery ?? SNAPSHOT_EVERY,
      mailboxLengthMax: bounds.mailboxLengthMax,
    })
    const leases = new Leases({ ledger, journal, clock, random, bounds })
    const scheduler = new Scheduler({ ledger, journal, recent, leases, clock, random, bounds, log })
    const projections = new Projections(ledger, journal)
    const consequences = new Consequences()
    await projections.open(wiring.projectors.map(({ name }) => name))
    const tip = recent.tip
    const settingsOf = (name: string): ComponentOptions => options.settings?.[name] ?? {}
    const { handlerTimeoutMs } = bounds

    const reactionPlan = (endpoint: ReactiveEndpoint): ComponentPlan => ({
      name: endpoint.name,
      kind: endpoint.kind,
      checkpoint: endpoint.name,
      start: startOf(settingsOf(endpoint.name).from ?? 'head', tip),
      settings: reactionSettings(settingsOf(endpoint.name), bounds),
      make: (host, progress, term) => {
        const context: ReactionContext = {
          endpoint,
          journal,
          ledger,
          commandPath,
          targets,
          consequences,
          clock,
          log,
          fallbackDomain,
          handlerTimeoutMs,
          term,
        }
        return new ReactionComponent(context, host, progress)
      },
    })
    const projectionPlan = (definition: ProjectorDefinition, generation: number): ComponentPlan => {
      const { name } = definition
      const checkpoint = generationName(name, generation)
      const space = projectionSpace(name, generation)
      const endpoint = localProjector(definition, upcast)
      const from = generation === 1 ? (settingsOf(name).from ?? 'beginning') : 'beginning'
      return {
        name,
        kind: 'projector',
        checkpoint,
        start: startOf(from, tip),
        settings: reactionSettings(settingsOf(name), bounds),
        make: (host, progress, term) =>
          new ProjectionComponent(
            { endpoint, ledger, journal, clock, log, handlerTimeoutMs, space, checkpoint, term },
            host,
            progress,
          ),
      }
    }
    const plans = [
      ...wiring.sagas.map((definition) => reactionPlan(localSaga(definition, upcast))),
      ...wiring.processManagers.map((definition) =>
        reactionPlan(localProcessManager(definition, upcast)),
      ),
      ...wiring.projectors.map((definition) =>
        projectionPlan(definition, projections.generation(definition.name)),
      ),
    ]
    const orphans = await orphanedNames(ledger, new Set(plans.map(({ checkpoint }) => checkpoint)))
    if (orphans.length > 0) log('warn', 'checkpoints_without_code', { names: orphans.join(' ') })
    await scheduler.start(plans)

    let closing: Promise<void> | undefined
    const transport = (): CoordinatorTransport =>
      directTransport({
        commandPath,
        ledger,
        targets,
        clock,
        random,
        generateCorrelationIds: options.generateCorrelationIds ?? true,
        own: new OwnConsequences(consequences, clock, bounds),
        isClosed: () => closing !== undefined,
      })
    const close = async (): Promise<void> => {
      await scheduler.stop()
      if (owned) await ledger[Symbol.asyncDispose]()
    }
    return {
      ledger,
      orphans,
      client: (domain) => new DomainClient(transport(), { domain, clock, random }),
      settled: (settle = {}) => scheduler.settled(settle.signal),
      projection: (name) => projections.reader(name),
      rebuild: async (name) => {
        const definition = wiring.projectors.find((item) => item.name === name)
        if (definition === undefined) {
          throw codedError('COMPONENT_UNKNOWN', { details: { component: name } })
        }
        const planOf = (_: string, generation: number): ComponentPlan =>
          projectionPlan(definition, generation)
        await projections.rebuild(name, scheduler, planOf)
      },
      deadLetters: deadLetterDesk({ ledger, journal, scheduler }),
      status: () => scheduler.status(),
      [Symbol.asyncDispose]: () => (closing ??= close()),
    }
  } catch (error) {
    if (owned) await ledger[Symbol.asyncDispose]()
    throw error
  }
}

function startOf(from: StartPosition, tip: number): ProgressRecord {
  if (from === 'beginning') return { low: 0, done: [] }
  return { low: from === 'head' ? tip : from.after, done: [] }
}

function reactionSettings(options: ComponentOptions, bounds: Bounds): ReactionSettings {
  return {
    attempts: options.attempts ?? bounds.reactionAttemptsMax,
    onExhausted: options.onExhausted ?? 'park',
  }
}

/** @throws CodedError `CONFIGURATION_INVALID` */
function boundsOf(changed: CoordinatorOptions['limits']): Bounds {
  for (const [name, value] of Object.entries(changed ?? {})) {
    const known: readonly string[] = Object.keys(limits) satisfies readonly string[]
    if (!known.includes(name) || !Number.isFinite(value) || value < 1) {
      const hint = 'A bound is a positive number; its names are those of `limits`.'
      throw codedError('CONFIGURATION_INVALID', { details: { [name]: value }, hint })
    }
  }
  const merged: Record<LimitName, number> = { ...limits }
  return Object.assign(merged, changed)
}

function checkSettings(settings: CoordinatorOptions['settings'], wiring: Wiring): void {
  const names = new Set(
    [...wiring.sagas, ...wiring.processManagers, ...wiring.projectors].map(({ name }) => name),
  )
  for (const [name, given] of Object.entries(settings ?? {})) {
    if (!names.has(name)) throw codedError('COMPONENT_UNKNOWN', { details: { component: name } })
    const attempts = given?.attempts
    if (attempts !== undefined && !(Number.isInteger(attempts) && attempts >= 1)) {
      const details = { component: name, attempts }
      throw codedError('CONFIGURATION_INVALID', { details, hint: 'Attempts count the first one.' })
    }
  }
}
