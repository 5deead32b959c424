/**
 * Isolated sagas that compete for ten accounts: each moves money from one to another, and has a
 * second service write a receipt. Some fail at their end, some are refused what others have pending.
 *
 * 1. At every commit of the bank its readers see the same sum, and no account below zero.
 * 2. So does a reader who asks while the sagas run, as of a moment before.
 * 3. In the end what has moved is what the completed sagas say, receipts included, and nothing is
 *    pending.
 */
import { fromBinary } from '@bufbuild/protobuf'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { eventInPage } from '../../src/coordinator/event-in-page.ts'
import { isFrameworkEvent, resolutionsIn } from '../../src/coordinator/plan-pending.ts'
import type { Random } from '../../src/identity.ts'
import type { Ledger, StoredEvent } from '../../src/ledger/ledger.ts'
import { refuse } from '../../src/machine/refusal.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import type { SagaManager } from '../../src/saga/manager/saga-manager.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import * as payment from '../fixtures/gen/payment_pb.ts'
import { rowsOf } from '../coordinator/stored-events.ts'
import { ACCOUNT, type Bank, openBank, requestsTo } from './isolation-bank.ts'
import { openSagas, sagaLedger } from './sagas.ts'

/** What came of it. */
export type Competition = {
  readonly sagas: number
  readonly completed: number
  readonly compensated: number
  /** Commits of the bank at which its sum was looked at. */
  readonly moments: number
  /** Readings while the sagas ran. */
  readonly readings: number
  readonly findings: readonly string[]
}

const ACCOUNTS: readonly string[] = Array.from({ length: 10 }, (_, index) => `account-${index}`)
const OPENING = 100
const SUM = ACCOUNTS.length * OPENING
const AT_A_TIME = 8

type Move = {
  readonly from: string
  readonly to: string
  readonly amount: number
  readonly receipt: string
  readonly fails: boolean
}

/** Runs that many sagas. */
export async function compete(options: {
  readonly sagas: number
  readonly seed: number
  readonly report?: ((line: string) => void) | undefined
}): Promise<Competition> {
  await using opened = new AsyncDisposableStack()
  const bus = opened.use(openMemoryBus())
  const open = async (service: string): Promise<Bank> => {
    const { ledger } = opened.use(await sagaLedger())
    return opened.use(await openBank({ service, bus, ledger }))
  }
  const bank = await open('bank')
  const notary = await open('notary')
  const saga = movingSaga()
  const { sagas } = opened.use(await openSagas({ definitions: [saga], bus, service: 'desk' }))
  for (const name of ACCOUNTS) await bank.fund(name, OPENING)
  const findings: string[] = []
  const watching = watch(bank, findings)
  const moves = movesOf(options.sagas, seededRandom(options.seed))
  const completed = await runAll({ ...options, sagas, saga, moves })
  const readings = await watching.stop()
  const history = await checkHistory(bank.coordinator.ledger, findings)
  await checkEnd({ bank, notary }, moves, completed, findings)
  const { size } = completed
  return {
    sagas: moves.length,
    completed: size,
    compensated: moves.length - size,
    moments: history,
    readings,
    findings,
  }
}

function movingSaga(): CommittedSaga<Move, Move> {
  const bank = requestsTo('bank')
  const notary = requestsTo('notary')
  const retry = { maxAttempts: 25, initialMs: 1, factor: 1.4, maxMs: 40, jitter: 'full' } as const
  return new Saga<Move>('move-money', { isolated: true, deadlineMs: 60_000 })
    .remoteStep(({ from, amount }) => bank.withdraw({ account: from, amount }), {
      name: 'withdraw',
      retry,
    })
    .onFailure(({ from, amount }) => bank.deposit({ account: from, amount }))
    .remoteStep(({ to, amount }) => bank.deposit({ account: to, amount }), {
      name: 'deposit',
      retry,
    })
    .onFailure(({ to, amount }) => bank.withdraw({ account: to, amount }))
    .remoteStep(({ receipt, amount }) => notary.deposit({ account: receipt, amount }), {
      name: 'receipt',
      retry,
    })
    .localStep(({ fails }) => (fails ? refuse('not today') : undefined), { name: 'decide' })
    .commit()
}

function movesOf(count: number, random: Random): readonly Move[] {
  const pick = (max: number): number => Math.floor(random.fraction() * max)
  return Array.from({ length: count }, (_, index) => {
    const from = pick(ACCOUNTS.length)
    const to = (from + 1 + pick(ACCOUNTS.length - 1)) % ACCOUNTS.length
    return {
      from: ACCOUNTS[from] ?? '',
      to: ACCOUNTS[to] ?? '',
      amount: 1 + pick(60),
      receipt: `receipt-${index}`,
      fails: pick(10) === 0,
    }
  })
}

/** The indexes of the moves that completed. */
async function runAll(run: {
  readonly sagas: SagaManager
  readonly saga: CommittedSaga<Move, Move>
  readonly moves: readonly Move[]
  readonly report?: ((line: string) => void) | undefined
}): Promise<ReadonlySet<number>> {
  const completed = new Set<number>()
  const waiting = [...run.moves.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, move] = next
      const { forward, backward } = await run.sagas.run(run.saga, move, { id: `move-${index}` })
      if (forward === 'completed') completed.add(index)
      else if (backward !== 'done') throw new Error(`move-${index} ended ${forward}/${backward}`)
      if ((index + 1) % 100 === 0) run.report?.(`${index + 1} sagas begun`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return completed
}

/** Reads all accounts again and again, as of a moment that everything before is on disk of. */
function watch(bank: Bank, findings: string[]): { stop(): Promise<number> } {
  let isOver = false
  let readings = 0
  const reading = (async (): Promise<void> => {
    const { ledger } = bank.coordinator
    // Before that the accounts were being opened.
    const opened = (await momentBefore(ledger)).getTime() + 1
    while (!isOver) {
      const at = await momentBefore(ledger)
      if (at.getTime() <= opened) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        continue
      }
      const all = await Promise.all(ACCOUNTS.map((name) => bank.balance(name, at)))
      const sum = all.reduce((one, other) => one + other, 0)
      if (sum !== SUM) findings.push(`a reader saw ${sum} as of ${at.toISOString()}`)
      if (all.some((one) => one < 0)) findings.push('a reader saw an account below zero')
      readings++
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return {
    stop: async () => {
      isOver = true
      await reading
      return readings
    },
  }
}

/** A millisecond before the last event: nothing can be recorded before that any more. */
async function momentBefore(ledger: Ledger): Promise<Date> {
  const tip = await ledger.tip()
  for await (const [event] of ledger.log(tip - 1, { limit: 1 })) {
    if (event !== undefined) return new Date(Number(event.recordedAt / 1_000_000n) - 1)
  }
  throw new Error('there are no events')
}

/** Looks at the visible sum at every commit; how many there were since the accounts were opened. */
async function checkHistory(ledger: Ledger, findings: string[]): Promise<number> {
  const visible = new Map<string, number>()
  const pending = new Map<string, Map<number, number>>()
  let funded = 0
  let moments = 0
  let commit: number | undefined
  const look = (): void => {
    if (commit === undefined || funded < ACCOUNTS.length) return
    moments++
    const all = [...visible.values()]
    const sum = all.reduce((one, other) => one + other, 0)
    if (sum !== SUM) findings.push(`commit ${commit} shows ${sum}`)
    if (all.some((one) => one < 0)) findings.push(`commit ${commit} shows an account below zero`)
  }
  for await (const events of ledger.log(0, { limit: 500 })) {
    for (const event of events) {
      if (event.key.domain !== ACCOUNT) continue
      if (event.commit !== commit) look()
      commit = event.commit
      if (event.visibility.kind === 'open' && !isFrameworkEvent(event.type)) funded++
      follow(event, visible, pending)
    }
  }
  look()
  return moments
}

function follow(
  event: StoredEvent,
  visible: Map<string, number>,
  pending: Map<string, Map<number, number>>,
): void {
  const { key, sequence, visibility } = event
  const show = (amount: number): void =>
    void visible.set(key.root, (visible.get(key.root) ?? 0) + amount)
  const held = pending.get(key.root) ?? new Map<number, number>()
  pending.set(key.root, held)
  if (isFrameworkEvent(event.type)) {
    const { confirmed, revoked } = resolutionsIn([event])
    for (const at of confirmed) show(held.get(at) ?? 0)
    for (const at of [...confirmed, ...revoked]) held.delete(at)
  } else if (visibility.kind === 'pending') held.set(sequence, amountOf(event))
  else show(amountOf(event))
}

function amountOf({ type, page }: StoredEvent): number {
  const bytes = eventInPage(page)
  if (type === payment.FundsDepositedSchema.typeName) {
    return Number(fromBinary(payment.FundsDepositedSchema, bytes).amount)
  }
  return -Number(fromBinary(payment.PaymentProcessedSchema, bytes).amount)
}

async function checkEnd(
  { bank, notary }: { readonly bank: Bank; readonly notary: Bank },
  moves: readonly Move[],
  completed: ReadonlySet<number>,
  findings: string[],
): Promise<void> {
  const expected = new Map(ACCOUNTS.map((name) => [name, OPENING]))
  for (const [index, { from, to, amount, receipt }] of moves.entries()) {
    const isDone = completed.has(index)
    if (isDone) {
      expected.set(from, (expected.get(from) ?? 0) - amount)
      expected.set(to, (expected.get(to) ?? 0) + amount)
    }
    const written = await notary.balance(receipt)
    if (written !== (isDone ? amount : 0)) findings.push(`${receipt} says ${written}`)
  }
  for (const [name, amount] of expected) {
    const found = await bank.balance(name)
    if (found !== amount) findings.push(`${name} has ${found} and not ${amount}`)
  }
  for (const { coordinator } of [bank, notary]) {
    const rows = await rowsOf(coordinator.ledger, 'pending-page')
    if (rows.length > 0) findings.push(`${rows.length} pages are pending`)
  }
}
