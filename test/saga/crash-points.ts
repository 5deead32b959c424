/**
 * Every crash there is: a saga with steps of every kind is run, and crashed before, after, and
 * done-but-reported-failed at every commit; another process takes it up. Whatever happened, it must
 * end completed, compensated, or stuck in plain sight, and every effect once per idempotency key.
 */
import { codeOf } from '../../src/errors.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { SagaManager, SagaOutcome } from '../../src/saga/manager/saga-manager.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { crashSaga, STEPS, UNDOABLE } from './crash-saga.ts'
import { CrashWorld, type Misbehaviour } from './crash-world.ts'
import { dyingLedger } from './dying-ledger.ts'
import { sagaLedger } from './sagas.ts'

/** A run of the saga that misbehaves in one way. */
export type CrashCase = { readonly name: string; readonly misbehaviour: Misbehaviour }

/** Every way. */
export const CRASH_CASES: readonly CrashCase[] = [
  { name: 'succeeds', misbehaviour: { kind: 'none' } },
  ...STEPS.map((at) => ({
    name: `${at} is refused`,
    misbehaviour: { kind: 'refuses', at } as const,
  })),
  ...STEPS.map((at) => ({ name: `${at} times out`, misbehaviour: { kind: 'hangs', at } as const })),
  ...UNDOABLE.map((at) => ({
    name: `the undo of ${at} fails`,
    misbehaviour: { kind: 'undo-fails', at } as const,
  })),
  ...STEPS.map((at) => ({
    name: `cancelled at ${at}`,
    misbehaviour: { kind: 'cancelled', at } as const,
  })),
]

/** How a commit fails. */
export const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

/** What came of crashing one case at its commits. */
export type CrashCount = {
  /** Commits of the run that is not disturbed. */
  readonly commits: number
  /** Runs that were crashed. */
  readonly runs: number
  /** How they ended. */
  readonly ends: Readonly<Record<string, number>>
  /** What should not be. */
  readonly findings: readonly string[]
}

/** Crashes one case at every commit, or at those that are picked. */
export async function crashEverywhere(
  { name, misbehaviour }: CrashCase,
  picks: (commit: number, fault: FaultKind) => boolean = () => true,
): Promise<CrashCount> {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const ends: Record<string, number> = {}
  const findings: string[] = []
  let runs = 0
  const crash = async (id: string, at: number, fault: FaultKind): Promise<number> => {
    const run = await runOnce({ ledger: home.ledger, clock, id, at, fault, misbehaviour })
    ends[run.end] = (ends[run.end] ?? 0) + 1
    findings.push(...run.findings.map((found) => `${name}, ${fault} commit ${at}: ${found}`))
    return run.commits
  }
  const commits = await crash('undisturbed', 0, 'before')
  for (let at = 1; at <= commits; at++) {
    for (const fault of FAULTS) {
      if (!picks(at, fault)) continue
      runs++
      await crash(`${fault}-${at}`, at, fault)
    }
  }
  return { commits, runs, ends, findings }
}

type RunOptions = {
  readonly ledger: Ledger
  readonly clock: FakeClock
  readonly id: string
  readonly at: number
  readonly fault: FaultKind
  readonly misbehaviour: Misbehaviour
}

async function runOnce(options: RunOptions): Promise<{
  readonly commits: number
  readonly end: string
  readonly findings: readonly string[]
}> {
  const { ledger, clock, id, at, fault, misbehaviour } = options
  const world = new CrashWorld(misbehaviour)
  const first = dyingLedger(ledger, at, fault)
  let outcome = await runIn(first, clock, id, world, () => first.isDead)
  if (outcome === undefined) {
    // The lease of a process that is gone runs out.
    await clock.advanceAsync(20_000)
    outcome = await runIn(dyingLedger(ledger, 0, 'before'), clock, id, world, () => false)
  }
  if (outcome === undefined) return { commits: first.commits, end: 'lost', findings: ['no end'] }
  const end = outcome.items.length > 0 ? 'stuck' : `${outcome.forward}/${outcome.backward}`
  return { commits: first.commits, end, findings: judge(outcome, world) }
}

/** Runs the saga in one process; undefined when the process died. */
async function runIn(
  ledger: Ledger,
  clock: FakeClock,
  id: string,
  world: CrashWorld,
  isDead: () => boolean,
): Promise<SagaOutcome<object> | undefined> {
  const { definition, definitions, participants } = crashSaga(world)
  const sagas = await openSagaManager({
    ledger,
    definitions,
    participants,
    clock,
    random: seededRandom(7),
    log: () => undefined,
  })
  world.cancel = () => cancel(sagas, id)
  let outcome: SagaOutcome<object> | undefined
  let failure: unknown
  sagas.run(definition, { insured: true }, { id }).then(
    (ended) => (outcome = ended),
    (error: unknown) => (failure = error),
  )
  for (let turn = 0; outcome === undefined && failure === undefined && !isDead(); turn++) {
    if (turn > TURNS_MAX) break
    await clock.advanceAsync(1)
  }
  if (isDead()) return undefined
  // oxlint-disable-next-line typescript/only-throw-error -- it is what the manager threw
  if (failure !== undefined) throw failure
  await inTime(clock, sagas[Symbol.asyncDispose]())
  return outcome
}

/** Lets time pass until something has ended. */
async function inTime(clock: FakeClock, ending: PromiseLike<void>): Promise<void> {
  let isOver = false
  void ending.then(() => (isOver = true))
  while (!isOver) await clock.advanceAsync(100)
}

const TURNS_MAX = 5_000

function cancel(sagas: SagaManager, id: string): void {
  sagas.cancel(id, 'somebody cancels').catch((error: unknown) => {
    // Too late, or past the point of no return.
    const late = ['SAGA_EXECUTION_PAST_PIVOT', 'SAGA_EXECUTION_ENDED', 'SAGA_MANAGER_CLOSED']
    if (!late.includes(codeOf(error))) throw error
  })
}

/** What contradicts P3, P4 and P5. */
function judge(outcome: SagaOutcome<object>, world: CrashWorld): readonly string[] {
  const findings: string[] = []
  const standing = world.standing()
  const say = (what: string, steps: readonly string[]): void => {
    if (steps.length > 0) findings.push(`${what}: ${steps.join(', ')}`)
  }
  say('took effect under two keys', world.doubled())
  say('undone and never done', world.baseless())
  const { forward, backward, items } = outcome
  if (forward === 'completed') {
    say(
      'completed without',
      STEPS.filter((step) => !standing.includes(step)),
    )
  } else if (items.length === 0) {
    if (backward !== 'done' && backward !== 'not-needed') findings.push(`backward is ${backward}`)
    say('compensated, and still there', standing)
  } else {
    const known = items.map(({ path }) => path.split('/').at(-1) ?? path)
    const accounted = forward === 'running' ? STEPS : known
    say(
      'stuck, and not in plain sight',
      standing.filter((step) => !accounted.includes(step as never)),
    )
  }
  return findings
}
