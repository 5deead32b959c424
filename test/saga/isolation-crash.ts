/**
 * Every crash of an isolated saga between two banks: the process of the saga, or that of a bank, is
 * crashed before, after, and done-but-reported-failed at every commit, and another one goes on. The
 * saga must end, money must have moved whole or not at all, and nothing may be pending behind it.
 */
import type { Bus } from '../../src/bus/bus.ts'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import type { Ledger, Write } from '../../src/ledger/ledger.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaOutcome } from '../../src/saga/manager/saga-manager.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { rowsOf } from '../coordinator/stored-events.ts'
import { dyingLedger, type DyingLedger } from './dying-ledger.ts'
import { type Transfer, transferSaga } from './isolated-sagas.ts'
import { type Bank, openBank } from './isolation-bank.ts'
import { mortalBus } from './mortal-bus.ts'
import { sagaLedger } from './sagas.ts'

/** The processes, each with a ledger of its own. */
export const PROCESSES = ['desk', 'foo', 'order'] as const

/** Who is crashed while what is run. */
export type IsolationCrash = {
  readonly victim: (typeof PROCESSES)[number]
  readonly fails: boolean
}

/** Every victim, of a saga that completes and of one that fails at its end. */
export const ISOLATION_CRASHES: readonly IsolationCrash[] = PROCESSES.flatMap((victim) => [
  { victim, fails: false },
  { victim, fails: true },
])

/** How a commit fails. */
const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

/** What came of it. */
export type IsolationCrashCount = {
  readonly commits: number
  readonly runs: number
  readonly findings: readonly string[]
}

/** Crashes the victim at every commit of the saga, or at those that are picked. */
export async function crashIsolatedSaga(
  crash: IsolationCrash,
  picks: (commit: number) => boolean = () => true,
): Promise<IsolationCrashCount> {
  const findings: string[] = []
  const { commits, finding } = await runOnce({ ...crash, at: 0, fault: 'before' })
  if (finding !== undefined) findings.push(`undisturbed: ${finding}`)
  let runs = 0
  for (let at = 1; at <= commits; at++) {
    for (const fault of picks(at) ? FAULTS : []) {
      runs++
      const run = await runOnce({ ...crash, at, fault })
      if (run.finding !== undefined) findings.push(`${fault} commit ${at}: ${run.finding}`)
    }
  }
  return { commits, runs, findings }
}

type Run = IsolationCrash & { readonly at: number; readonly fault: FaultKind }

const TRANSFER: Transfer = { from: 'a', to: 'b', amount: 30 }

async function runOnce(run: Run): Promise<{
  readonly commits: number
  readonly finding: string | undefined
}> {
  await using opened = new AsyncDisposableStack()
  const clock = fakeClock()
  const bus = opened.use(openMemoryBus({ clock }))
  const ledgers = new Map<string, Ledger>()
  for (const name of PROCESSES) ledgers.set(name, opened.use(await sagaLedger()).ledger)
  await fundFirst(ledgerOf(ledgers, 'foo'), bus, clock)
  const dying = dyingLedger(ledgerOf(ledgers, run.victim), run.at, run.fault, COUNTS[run.victim])
  const mortal = mortalBus(bus)
  const ofVictim = { ledger: dying, bus: mortal }
  const of = (name: string): { readonly ledger: Ledger; readonly bus: Bus } =>
    name === run.victim ? ofVictim : { ledger: ledgerOf(ledgers, name), bus }
  const open = async (service: 'foo' | 'order', on = of(service)): Promise<Bank> =>
    await openBank({ service, clock, ...on })
  const banks = { foo: await open('foo'), order: await open('order') }
  let desk = await openDesk(of('desk'), clock, run.fails)
  let outcome = await ends(desk, clock, dying)
  if (outcome === undefined && dying.isDead) {
    mortal.die()
    const on = { ledger: ledgerOf(ledgers, run.victim), bus }
    // The lease of a process that is gone runs out.
    await clock.advanceAsync(20_000)
    if (run.victim === 'desk') desk = await openDesk(on, clock, run.fails)
    else banks[run.victim] = await open(run.victim, on)
    outcome = await ends(desk, clock, undefined)
  }
  if (outcome === undefined) return { commits: dying.commits, finding: 'no end' }
  const finding = await judge(outcome, banks, run.fails)
  await inTime(clock, desk.close())
  for (const bank of Object.values(banks)) await inTime(clock, bank[Symbol.asyncDispose]())
  return { commits: dying.commits, finding }
}

type Desk = {
  readonly outcome: () => SagaOutcome<object> | undefined
  readonly close: () => Promise<void>
}

async function openDesk(
  { ledger, bus }: { readonly ledger: Ledger; readonly bus: Bus },
  clock: FakeClock,
  fails: boolean,
): Promise<Desk> {
  const saga = transferSaga({ isolated: true, deadlineMs: 600_000 })
  const random = seededRandom(7)
  const log = (): void => undefined
  const options = { ledger, bus, clock, random, log, service: 'desk', definitions: [saga] }
  const sagas = await openSagaManager(options)
  let outcome: SagaOutcome<object> | undefined
  sagas.run(saga, { ...TRANSFER, fails }, { id: 't-1' }).then(
    (ended) => (outcome = ended),
    // A process that dies says nothing any more.
    () => undefined,
  )
  return { outcome: () => outcome, close: async () => await sagas[Symbol.asyncDispose]() }
}

/** The end of the saga; undefined when its process, or a bank, died before that. */
async function ends(
  { outcome }: Desk,
  clock: FakeClock,
  dying: DyingLedger | undefined,
): Promise<SagaOutcome<object> | undefined> {
  for (let turn = 0; turn < TURNS_MAX && dying?.isDead !== true; turn++) {
    const ended = outcome()
    if (ended !== undefined) return ended
    await clock.advanceAsync(TURN_MS)
  }
  return dying?.isDead === true ? undefined : outcome()
}

const TURN_MS = 20
const TURNS_MAX = 5_000

async function judge(
  { forward, backward, items }: SagaOutcome<object>,
  { foo, order }: { readonly foo: Bank; readonly order: Bank },
  fails: boolean,
): Promise<string | undefined> {
  if (items.length > 0) return `stuck at ${items.map(({ path }) => path).join()}`
  const end = `${forward}/${backward}`
  if (fails && end !== 'failed/done') return end
  if (!fails && end !== 'completed/not-needed') return end
  const money = `${await foo.balance('a')} and ${await order.balance('b')}`
  if (money !== (fails ? '100 and 0' : '70 and 30')) return `${end} with ${money}`
  for (const { coordinator } of [foo, order]) {
    const pending = await rowsOf(coordinator.ledger, 'pending-page')
    if (pending.length > 0) return `${end} with pages pending`
  }
  return undefined
}

async function fundFirst(ledger: Ledger, bus: Bus, clock: FakeClock): Promise<void> {
  const bank = await openBank({ service: 'funding', bus, ledger, clock })
  await bank.fund('a', 100)
  await inTime(clock, bank[Symbol.asyncDispose]())
}

/** Lets time pass until something has ended. */
async function inTime(clock: FakeClock, ending: PromiseLike<void>): Promise<void> {
  let isOver = false
  void ending.then(() => (isOver = true))
  while (!isOver) await clock.advanceAsync(100)
}

function ledgerOf(ledgers: ReadonlyMap<string, Ledger>, name: string): Ledger {
  const ledger = ledgers.get(name)
  if (ledger === undefined) throw new Error(`no ledger of ${name}`)
  return ledger
}

const OF_BANKS: readonly string[] = ['pending-page', 'resolved-cascade', 'participant-reply']

function concernsBank({ appends, rows }: Write): boolean {
  return (appends ?? []).length > 0 || (rows ?? []).some(({ space }) => OF_BANKS.includes(space))
}

const COUNTS: Readonly<Record<IsolationCrash['victim'], ((write: Write) => boolean) | undefined>> =
  { desk: undefined, foo: concernsBank, order: concernsBank }
