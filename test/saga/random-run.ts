/**
 * Runs a plan on the durable runner: process after process, each dying where the plan says, until one
 * brings the saga to its end; then an operator deals with what is stuck. Everything that is not the
 * plan's is seeded, so that a case is the same each time.
 */
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { codeOf } from '../../src/errors.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { hostParticipant } from '../../src/participant/host-participant.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaDetails, SagaManager } from '../../src/saga/manager/saga-manager.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { type BusFaults, faultyBus, type SendFault } from '../../src/testing/faulty-bus.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { dyingLedger } from './dying-ledger.ts'
import { mortalBus } from './mortal-bus.ts'
import { type RandomSaga, randomHandlers, randomSaga } from './random-definition.ts'
import type { Death, SagaPlan } from './random-plan.ts'
import { RandomWorld } from './random-world.ts'
import { sagaLedger } from './sagas.ts'

/** What came of a case. */
export type RandomRun = {
  readonly world: RandomWorld
  /** Every execution when nothing went on any more, the saga first; undefined when it goes on still. */
  readonly ended: readonly SagaDetails[] | undefined
  /** How many effects there were then. */
  readonly effectsThen: number
  /** The same when the operator was done; undefined when nothing was stuck. */
  readonly resolved: readonly SagaDetails[] | undefined
  readonly wasCompensated: boolean
  readonly processes: number
  /** Errors that nobody should see. */
  readonly errors: readonly string[]
  readonly ledger: Ledger
}

const ID = 'x'
const LATE = ['SAGA_EXECUTION_PAST_PIVOT', 'SAGA_EXECUTION_ENDED', 'SAGA_EXECUTION_NOT_COMPLETED']

/** Runs a plan; `judge` looks at what came of it while the ledger is there. */
export async function runPlan<T>(
  plan: SagaPlan,
  judge: (run: RandomRun) => T | Promise<T>,
): Promise<T> {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const world = new RandomWorld(plan, clock)
  await using memory = openMemoryBus({ clock })
  const bus = faultyBus(memory, clock, faultsOf(plan.busSeed))
  const service = await hostParticipant({
    bus,
    service: 'world',
    handlers: randomHandlers(plan, world),
    handlerTimeoutMs: 40,
    clock,
  })
  const story = new Story(plan, world, clock)
  for (const death of [...plan.deaths, { at: 0, fault: 'before' } as const]) {
    const isOver = await story.live(home.ledger, bus, death)
    if (isOver) break
    // The lease of a process that is gone runs out.
    await clock.advanceAsync(20_000)
  }
  const result = await judge({ ...story.told(), world, ledger: home.ledger })
  await inTime(clock, service.close({ drainMs: 1 }))
  return result
}

class Story {
  readonly #plan: SagaPlan
  readonly #world: RandomWorld
  readonly #clock: FakeClock
  readonly #errors: string[] = []
  #ended: readonly SagaDetails[] | undefined
  #resolved: readonly SagaDetails[] | undefined
  #effectsThen = 0
  #wasCompensated = false
  #processes = 0
  #turn = 0

  constructor(plan: SagaPlan, world: RandomWorld, clock: FakeClock) {
    this.#plan = plan
    this.#world = world
    this.#clock = clock
  }

  told(): Omit<RandomRun, 'world' | 'ledger'> {
    return {
      ended: this.#ended,
      effectsThen: this.#effectsThen,
      resolved: this.#resolved,
      wasCompensated: this.#wasCompensated,
      processes: this.#processes,
      errors: this.#errors,
    }
  }

  /** One process; true when the saga has come to its end in it. */
  async live(
    ledger: Ledger,
    shared: Parameters<typeof mortalBus>[0],
    death: Death,
  ): Promise<boolean> {
    this.#processes++
    const dying = dyingLedger(ledger, death.at, death.fault)
    const bus = mortalBus(shared)
    const saga = randomSaga(this.#plan, this.#world, dying)
    const sagas = await openSagaManager({
      ledger: dying,
      definitions: saga.definitions,
      bus,
      clock: this.#clock,
      random: seededRandom(7),
      limits: { executionResidentMs: this.#plan.residentMs },
      log: (level, event, fields) => {
        if (level === 'error') this.#errors.push(`${event} ${JSON.stringify(fields)}`)
      },
    })
    this.#ignore(sagas.start(saga.definition, {}, { id: ID }))
    await this.#untilRest(sagas, saga, () => dying.isDead)
    if (!dying.isDead) await this.#finish(sagas, saga, () => dying.isDead)
    if (dying.isDead) {
      bus.die()
      return false
    }
    await inTime(this.#clock, sagas[Symbol.asyncDispose]())
    return true
  }

  async #finish(sagas: SagaManager, saga: RandomSaga, isDead: () => boolean): Promise<void> {
    let seen = await this.#look(sagas)
    if (seen === undefined) return
    if (
      this.#ended === undefined &&
      seen[0]?.forward === 'completed' &&
      this.#plan.compensates &&
      seen[0].backward === 'not-needed'
    ) {
      const asked = sagas.compensate(ID, 'changed their mind')
      asked.then(() => (this.#wasCompensated = true)).catch(() => undefined)
      this.#ignore(asked)
      await this.#untilRest(sagas, saga, isDead)
      if (isDead()) return
      seen = await this.#look(sagas)
      if (seen === undefined) return
    }
    // A process may have died while the operator was at work.
    if (this.#ended === undefined) this.#effectsThen = this.#world.effects.length
    this.#ended ??= seen
    if (!this.#ended.some(({ state }) => state === 'stuck')) return
    this.#world.isRepaired = true
    for (let round = 0; round < 12 && seen?.some(({ items }) => items.length > 0); round++) {
      await this.#resolveAll(sagas, seen, round)
      await this.#untilRest(sagas, saga, isDead)
      if (isDead()) return
      seen = await this.#look(sagas)
    }
    this.#resolved = seen
  }

  async #resolveAll(
    sagas: SagaManager,
    seen: readonly SagaDetails[],
    round: number,
  ): Promise<void> {
    const own = seen.flatMap(({ id, items }) =>
      items.filter(({ kind }) => kind !== 'child').map((item) => ({ id, item })),
    )
    const all = seen.flatMap(({ id, items }) => items.map((item) => ({ id, item })))
    // A service that has refused an undo refuses it each time: it is let go in the end.
    const wanted = round < 4 ? this.#plan.verb : 'waive'
    for (const { id, item } of own.length > 0 ? own : all) {
      const { path, verbs, added, undo } = item
      const verb = verbs.includes(wanted) ? wanted : (verbs[0] ?? 'waive')
      const name =
        (path.split('/').at(-1) ?? path) + (added === undefined || undo === undefined ? '' : '+')
      // What an undo that was added takes is the name of what it undoes.
      const data = verb === 'replace' || name.endsWith('+') ? name : {}
      const given = verb === 'retry' || verb === 'waive' ? undefined : data
      const told = { path, verb, by: 'test', reason: 'chance', added, data: given, undo: 'byHand' }
      const done = sagas.resolve(id, told).catch((error: unknown) => {
        // Another one of its items may have settled it.
        if (codeOf(error) !== 'SAGA_WORK_ITEM_NOT_FOUND') this.#errors.push(String(codeOf(error)))
      })
      await inTime(this.#clock, Promise.race([done, this.#clockRunsOut()]))
    }
  }

  async #clockRunsOut(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.after(2_000, resolve))
  }

  /** Lets time pass until nothing goes on any more, or the process is dead. */
  async #untilRest(sagas: SagaManager, saga: RandomSaga, isDead: () => boolean): Promise<void> {
    let rests = 0
    for (let turn = 0; turn < TURNS_MAX && !isDead(); turn++) {
      await this.#clock.advanceAsync(turn < 150 ? 1 : 10)
      // A ledger that is dead answers nobody.
      if (isDead()) return
      if (this.#turn++ === this.#plan.cancelAt) this.#ignore(sagas.cancel(ID, 'chance'))
      if (turn % 8 !== 7) continue
      const seen = await this.#executions(sagas)
      this.#signal(sagas, saga, seen)
      // What is late may come after the end.
      rests = seen.length > 0 && seen.every(isAtRest) ? rests + 1 : 0
      if (rests > 20) return
    }
  }

  #signal(sagas: SagaManager, saga: RandomSaga, seen: readonly Standing[]): void {
    for (const { id, definition, waiting, state } of seen) {
      if (waiting !== 'signal' && waiting !== 'time' && state !== 'stuck') continue
      for (const { name, times } of saga.signals.get(definition) ?? []) {
        for (let nth = 0; nth < times; nth++) this.#ignore(sagas.signal(id, name))
      }
    }
  }

  async #executions(sagas: SagaManager): Promise<readonly Standing[]> {
    return (await sagas.list({ limit: 1_000 })).executions
  }

  /** Everything as it stands; undefined while something goes on. */
  async #look(sagas: SagaManager): Promise<readonly SagaDetails[] | undefined> {
    const seen = await this.#executions(sagas)
    if (seen.length === 0 || !seen.every(isAtRest)) return undefined
    const all = await Promise.all(seen.map(({ id }) => sagas.inspect(id)))
    return all.sort((one, other) => one.id.length - other.id.length)
  }

  #ignore(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => {
      const code = codeOf(error)
      const isExpected = LATE.includes(code) || code === 'SAGA_MANAGER_CLOSED'
      if (!isExpected && code !== 'SAGA_EXECUTION_NOT_FOUND') this.#errors.push(String(error))
    })
  }
}

type Standing = Awaited<ReturnType<SagaManager['list']>>['executions'][number]

function isAtRest({ state }: Standing): boolean {
  return state === 'completed' || state === 'compensated' || state === 'waived' || state === 'stuck'
}

const TURNS_MAX = 1_500

/** What the bus does to messages, drawn from a seed. */
function faultsOf(seed: number): BusFaults {
  if (seed === 0) return {}
  const random = seededRandom(seed)
  return {
    onSend: (): SendFault => {
      const drawn = random.fraction()
      if (drawn < 0.1) return 'twice'
      if (drawn < 0.15) return 'refused'
      if (drawn < 0.2) return 'unknown'
      return drawn < 0.3 ? { lateMs: 1 + Math.floor(random.fraction() * 80) } : 'none'
    },
    onHandled: () => (random.fraction() < 0.1 ? 'again' : 'none'),
  }
}

/** Lets time pass until something has ended. */
async function inTime(clock: FakeClock, ending: PromiseLike<unknown>): Promise<void> {
  let isOver = false
  void Promise.resolve(ending).finally(() => (isOver = true))
  while (!isOver) await clock.advanceAsync(20)
}
