/** Opens the manager of sagas and workflows. */
import type { Bus } from '../../bus/bus.ts'
import { systemClock } from '../../clock.ts'
import { Journal } from '../../coordinator/journal.ts'
import { Leases } from '../../coordinator/leases.ts'
import { logToStderr } from '../../coordinator/log-to-stderr.ts'
import { RecentLog } from '../../coordinator/recent-log.ts'
import { messageOf } from '../../errors.ts'
import { systemRandom, writeIds } from '../../identity.ts'
import { openLedger } from '../../ledger/open-ledger.ts'
import { JournalWriter } from '../runner/journal-writer.ts'
import { LeaseKeeper } from '../runner/lease-keeper.ts'
import { openRequestDesk } from '../runner/request-desk.ts'
import { Runner } from '../runner/runner.ts'
import { RUNNER } from '../runner/spaces.ts'
import { defaultTelemetry } from '../../telemetry/telemetry.ts'
import { ownCascades } from '../transactions/own-cascades.ts'
import { commandRunnerOf } from './command-source.ts'
import { ActiveRunner } from './active-runner.ts'
import { DurableSagaManager } from './durable-saga-manager.ts'
import { checkOptions } from './manager-options.ts'
import type { SagaManager, SagaManagerOptions } from './saga-manager.ts'
import { serveExecutions } from './serve-executions.ts'

/**
 * Opens a manager: it takes up what an earlier process has left, and runs what it is given.
 * `await using sagas = await openSagaManager({ ledger: 'trips.db', definitions: [bookTrip] })`.
 *
 * One process at a time runs the executions of a ledger; another one stands by, and goes on when the
 * first has ended.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, `SAGA_DEFINITION_INVALID`, `SAGA_DEFINITION_DUPLICATE`,
 * `SAGA_COORDINATOR_MISSING`, `SAGA_COMMAND_UNSERVED`,
 * what `hostParticipant` refuses participants with, and what `openLedger` throws
 */
export async function openSagaManager(options: SagaManagerOptions): Promise<SagaManager> {
  const { executables, bounds, retentionMs } = checkOptions(options)
  const clock = options.clock ?? systemClock()
  const random = options.random ?? systemRandom()
  const log = options.log ?? logToStderr
  await using opened = new AsyncDisposableStack()
  const ledger =
    typeof options.ledger === 'string'
      ? opened.use(await openLedger(options.ledger, { clock }))
      : options.ledger
  const { service = 'saga', participants = [], bus, raiseOnError = false } = options
  const commands = commandRunnerOf(options.coordinator, options.commands ?? [])
  const drainMs = bounds.executionDrainMs
  const desk = opened.use(
    await openRequestDesk({ bus, service, participants, commands, clock, log, drainMs }),
  )
  opened.use(ownCascades(options.coordinator, ledger))
  const newId = writeIds(clock, random)
  const recent = new RecentLog({ tip: await ledger.tip(), capacity: 1 })
  const journal = new Journal(ledger, recent, newId)
  const leases = new Leases({ ledger, journal, clock, random, bounds })
  const newWriter = (): JournalWriter =>
    new JournalWriter({
      ledger,
      clock,
      random,
      newId,
      lease: () => leases.condition(RUNNER),
      draftsPerWriteMax: bounds.executionsPerWriteMax,
      backoff: { msMin: bounds.reactionBackoffMsMin, msMax: bounds.reactionBackoffMsMax },
    })
  const active = new ActiveRunner({
    make: () => {
      const runner = new Runner({
        ledger,
        clock,
        random,
        bounds,
        log,
        telemetry: options.telemetry ?? defaultTelemetry(),
        executables,
        retentionMs,
        writer: newWriter(),
        desk,
        leaseLost: () => keeper.lose(),
      })
      desk.takeReplies((reply) => runner.reply(reply))
      return runner
    },
    log,
  })
  const keeper = new LeaseKeeper({
    ledger,
    leases,
    clock,
    renewalMs: bounds.leaseRenewalMs,
    gained: () => active.begin(),
    lost: () => {
      log('warn', 'lease_lost', { component: RUNNER })
      desk.leaveReplies()
      active.lose()
    },
    failed: (error) => log('error', 'lease_failed', { error: messageOf(error) }),
  })
  await keeper.start()
  const closing = opened.move()
  const own = { ledger, clock, random, newId, executables, bounds, active, keeper, desk }
  const manager = new DurableSagaManager({ ...own, raiseOnError }, closing)
  return await served(manager, { bus, service, closing })
}

/** Others can be told how executions stand, until the manager is closed. */
async function served(
  manager: SagaManager,
  on: {
    readonly bus: Bus | undefined
    readonly service: string
    readonly closing: AsyncDisposableStack
  },
): Promise<SagaManager> {
  const { bus, service, closing } = on
  if (bus === undefined) return manager
  try {
    const inspect: SagaManager['inspect'] = (id) => manager.inspect(id)
    closing.use(await serveExecutions({ bus, service, inspect }))
    return manager
  } catch (error) {
    await manager[Symbol.asyncDispose]()
    throw error
  }
}
