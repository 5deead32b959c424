/** Opens the engine of one process. */
import { DomainClient } from '../client/domain-client.ts'
import { systemClock } from '../clock.ts'
import { definitionOf } from '../component/definition-of.ts'
import { codedError } from '../errors.ts'
import { systemRandom } from '../identity.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { Coordinator, CoordinatorOptions } from './coordinator.ts'
import { deadLetterDesk } from './dead-letter-desk.ts'
import { deleteEdition } from './delete-edition.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { directTransport } from './direct-transport.ts'
import { type Engine, type EngineOptions, makeEngine } from './engine.ts'
import { logToStderr } from './log-to-stderr.ts'
import { OwnConsequences } from './own-consequences.ts'
import { checkDomain } from './plan-names.ts'
import { planWiring } from './plan-wiring.ts'
import { replayCommand } from './replay-command.ts'
import { orphanedNames } from './orphaned-names.ts'
import { localServices } from './services.ts'
import { boundsOf, checkCadence, checkSettings } from './settings.ts'

/** Where `SagaCompensationFailed` goes unless the options say otherwise. */
export const FALLBACK_DOMAIN = 'angzarr-saga-failures'

/**
 * Opens the embedded coordinator: components of this process on one ledger. Dispose it to drain:
 * `await using coordinator = await openCoordinator({ ledger: 'orders.db', components })`.
 *
 * @throws CodedError `WIRING_UNSERVED_DOMAIN`, `WIRING_INVALID`, `COMPONENT_DUPLICATE`,
 * `COMPONENT_UNKNOWN`, `CONFIGURATION_INVALID`, `DOMAIN_INVALID`, what a component is refused with,
 * and what `openLedger` throws
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
  const log = options.log ?? logToStderr
  const owned = typeof options.ledger === 'string'
  const ledger = owned ? await openLedger(options.ledger, { clock }) : options.ledger
  const parts = { options, wiring, ledger, clock, random, bounds, fallbackDomain, log }
  let engine: Engine | undefined
  try {
    engine = await makeEngine(parts)
    const known = new Set(engine.plans.map(({ checkpoint }) => checkpoint))
    const orphans = await orphanedNames(ledger, known)
    if (orphans.length > 0) log('warn', 'checkpoints_without_code', { names: orphans.join(' ') })
    await engine.scheduler.start(engine.plans)
    // What an earlier process could not send any more.
    void engine.escalations.send(true)
    return coordinatorOf(parts, engine, { orphans, owned })
  } catch (error) {
    // What has begun must not go on, nor keep others waiting; why it failed is said by `error`.
    await engine?.scheduler.stop().catch(() => undefined)
    if (owned) await ledger[Symbol.asyncDispose]()
    throw error
  }
}

function coordinatorOf(
  parts: EngineOptions,
  engine: Engine,
  opened: { readonly orphans: readonly string[]; readonly owned: boolean },
): Coordinator {
  const { options, wiring, ledger, clock, random, bounds } = parts
  const { journal, scheduler, projections, consequences } = engine
  let closing: Promise<void> | undefined
  const ended = new AbortController()
  const close = async (): Promise<void> => {
    ended.abort()
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
  const client = (domain: string): DomainClient =>
    new DomainClient(directTransport(direct()), { domain, clock, random })
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
    orphans: opened.orphans,
    client,
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
