/** Opens the engine of one process. */
import { DomainClient } from '../client/domain-client.ts'
import { systemClock } from '../clock.ts'
import { definitionOf } from '../component/definition-of.ts'
import { codedError } from '../errors.ts'
import { systemRandom } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { MetricsRegistry } from '../telemetry/metrics-registry.ts'
import { defaultTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import type { Coordinator, CoordinatorOptions, DirectClientOptions } from './coordinator.ts'
import { deadLetterDesk } from './dead-letter-desk.ts'
import { deleteEdition } from './delete-edition.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { directTransport } from './direct-transport.ts'
import { type Engine, type EngineOptions, makeEngine } from './engine.ts'
import { logToStderr } from './log-to-stderr.ts'
import { OwnConsequences } from './own-consequences.ts'
import { checkCascadeId, checkDomain } from './plan-names.ts'
import { openPayloads } from './payloads/open-payloads.ts'
import { planWiring } from './plan-wiring.ts'
import { replayCommand } from './replay-command.ts'
import { orphanedNames } from './orphaned-names.ts'
import { localServices } from './services.ts'
import { showGauges, watchGroups } from './telemetry/coordinator-gauges.ts'
import { coordinatorWatch } from './telemetry/coordinator-watch.ts'
import { shownLog } from './telemetry/shown-log.ts'
import { watchedLedger } from './telemetry/watched-ledger.ts'
import { boundsOf, checkCadence, checkSettings } from './settings.ts'

/** Where `SagaCompensationFailed` goes unless the options say otherwise. */
export const FALLBACK_DOMAIN = 'angzarr-saga-failures'

/**
 * Opens the embedded coordinator: components of this process on one ledger. Dispose it to drain:
 * `await using coordinator = await openCoordinator({ ledger: 'orders.db', components })`.
 *
 * @throws CodedError `WIRING_UNSERVED_DOMAIN`, `WIRING_INVALID`, `COMPONENT_DUPLICATE`,
 * `COMPONENT_UNKNOWN`, `CONFIGURATION_INVALID`, `DOMAIN_INVALID`, `PAYLOAD_FOLDER_FOREIGN`,
 * `PAYLOAD_STORE_FAILED`, what a component is refused with, and what `openLedger` throws
 */
export async function openCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const fallbackDomain = options.fallbackDomain ?? FALLBACK_DOMAIN
  checkDomain(fallbackDomain)
  const wiring = planWiring(options.components.map(definitionOf), fallbackDomain)
  const bounds = boundsOf(options.limits)
  checkSettings(options.settings, wiring)
  checkCadence(options.snapshotEvery)
  const clock = options.clock ?? systemClock()
  const random = options.random ?? systemRandom()
  const telemetry = options.telemetry ?? defaultTelemetry()
  const log = shownLog(options.log ?? logToStderr, telemetry)
  const owned = typeof options.ledger === 'string'
  const ledger = owned ? await openLedger(options.ledger, { clock }) : options.ledger
  const watch = coordinatorWatch(telemetry, clock)
  let engine: Engine | undefined
  try {
    const payloads = await openPayloads(options.payloads, { ledger, clock, random })
    const watched = watchedLedger(ledger, telemetry, clock)
    const made = { options, wiring, clock, random, bounds, fallbackDomain, log, payloads }
    const parts: EngineOptions = { ...made, ledger: watched, watch }
    engine = await makeEngine(parts)
    const known = new Set(engine.plans.map(({ checkpoint }) => checkpoint))
    const orphans = await orphanedNames(ledger, known)
    if (orphans.length > 0) log('warn', 'checkpoints_without_code', { names: orphans.join(' ') })
    await engine.scheduler.start(engine.plans)
    // What an earlier process could not send any more.
    void engine.escalations.send(true)
    return coordinatorOf(parts, engine, { orphans, owned, ledger, telemetry })
  } catch (error) {
    // What has begun must not go on, nor keep others waiting; why it failed is said by `error`.
    await engine?.scheduler.stop().catch(() => undefined)
    if (owned) await ledger[Symbol.asyncDispose]()
    throw error
  }
}

/** What was opened. */
type Opened = {
  readonly orphans: readonly string[]
  readonly owned: boolean
  /** As it was given; the engine reads it watched. */
  readonly ledger: Ledger
  readonly telemetry: Telemetry
}

function coordinatorOf(parts: EngineOptions, engine: Engine, opened: Opened): Coordinator {
  const { options, wiring, clock, random, bounds } = parts
  const { ledger, telemetry } = opened
  const { journal, scheduler, projections, consequences } = engine
  let closing: Promise<void> | undefined
  const ended = new AbortController()
  const { metrics } = telemetry
  const hideGauges = gaugesOf(parts, engine, metrics)
  const stopGroups = watchGroups(metrics, ledger)
  const close = async (): Promise<void> => {
    ended.abort()
    hideGauges()
    stopGroups()
    try {
      await scheduler.stop()
    } finally {
      if (opened.owned) await ledger[Symbol.asyncDispose]()
    }
  }
  const direct = (): DirectTransportOptions => ({
    ...parts,
    ...engine,
    generateCorrelationIds: options.generateCorrelationIds ?? true,
    own: new OwnConsequences(consequences, clock, bounds),
    closed: ended.signal,
    isClosed: () => closing !== undefined,
  })
  const client = (domain: string, { cascadeId }: DirectClientOptions = {}): DomainClient => {
    if (cascadeId !== undefined) checkCascadeId(cascadeId)
    return new DomainClient(directTransport(direct(), cascadeId), { domain, clock, random })
  }
  const rebuild = async (name: string): Promise<void> => {
    const definition = wiring.projectors.find((item) => item.name === name)
    if (definition === undefined) {
      throw codedError('COMPONENT_UNKNOWN', { details: { component: name } })
    }
    const planOf = (generation: number): Engine['plans'][number] =>
      engine.projectionPlan(definition, generation)
    await projections.rebuild(name, scheduler, planOf)
  }
  return {
    ledger,
    metrics,
    telemetry,
    orphans: opened.orphans,
    client,
    serves: (domain, type) => engine.targets.get(domain)?.accepts(type) === true,
    services: localServices(direct()),
    cascades: engine.cascades,
    deleteEdition: (deletion) => deleteEdition({ ledger, journal }, deletion),
    settled: (settle = {}) => scheduler.settled(settle.signal),
    projection: (name) => projections.reader(name),
    rebuild,
    deadLetters: deadLetterDesk({
      ledger,
      journal,
      scheduler,
      resend: (entry, command) => replayCommand(engine, entry, command),
    }),
    status: () => scheduler.status(),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

function gaugesOf(
  { clock, watch }: EngineOptions,
  { scheduler, commandPath }: Engine,
  metrics: MetricsRegistry,
): () => void {
  return showGauges(metrics, {
    clock,
    load: () => scheduler.load(),
    cascadesPending: () => watch.journal.cascadesPending,
    streamsOpen: () => watch.requests.streamsOpen,
    stateBytes: () => commandPath.stateBytes,
  })
}
