/** What a process that stands by can do: all of it, by asking the one that runs the executions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import type { Ledger, Write } from '../../src/ledger/ledger.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { AnyRunnable, SagaManager } from '../../src/saga/manager/saga-manager.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { type FaultKind, faultyLedger } from '../../src/testing/faulty-ledger.ts'
import { until } from '../coordinator/until.ts'
import { dyingLedger } from './dying-ledger.ts'
import { type SagaLedger, sagaLedger } from './sagas.ts'

const QUICK = { operatorPollMs: 1, operatorLookMs: 1 }
const quiet = { log: (): void => undefined, limits: QUICK }

/** Two managers on one ledger: the first runs the executions, the second stands by. */
async function pair(
  home: SagaLedger,
  definitions: (who: 'leader' | 'other') => readonly AnyRunnable[],
): Promise<AsyncDisposable & { readonly leader: SagaManager; readonly other: SagaManager }> {
  const { ledger } = home
  const leader = await openSagaManager({ ledger, definitions: definitions('leader'), ...quiet })
  const other = await openSagaManager({ ledger, definitions: definitions('other'), ...quiet })
  assert.equal(other.status().state, 'standing-by')
  return {
    leader,
    other,
    [Symbol.asyncDispose]: async () => {
      await other[Symbol.asyncDispose]()
      await leader[Symbol.asyncDispose]()
    },
  }
}

test('a start from a process that stands by is carried out by the other one, once per id', async () => {
  await using home = await sagaLedger()
  const ran: string[] = []
  const make = (who: string) =>
    new Saga<{ n: number }>('add')
      .localStep(({ n }, { correlationId }) => {
        ran.push(`${who} ${correlationId}`)
        return { n: n + 1 }
      })
      .commit()
  const sagas = { leader: make('leader'), other: make('other') }
  await using two = await pair(home, (who) => [sagas[who]])
  const started = await two.other.start(sagas.other, { n: 1 }, { id: 'a', correlationId: 'c' })
  assert.deepEqual([started.id, started.isNew], ['a', true])
  assert.deepEqual((await started.result()).context, { n: 2 })
  const again = await two.other.start(sagas.other, { n: 7 }, { id: 'a', user: 'ada' })
  assert.deepEqual([again.isNew, (await again.result()).context], [false, { n: 2 }])
  const unnamed = await two.other.run(sagas.other, { n: 5 })
  assert.deepEqual(unnamed.context, { n: 6 })
  assert.deepEqual(ran, ['leader c', `leader ${unnamed.id}`])
})

test('a user and an input of every kind of value come through', async () => {
  await using home = await sagaLedger()
  type Input = { readonly at: Date; readonly n: bigint; readonly tags: ReadonlySet<string> }
  const saga = new Saga<Input>('values').localStep(() => undefined).commit()
  await using two = await pair(home, () => [saga])
  const input = { at: new Date(5), n: 7n, tags: new Set(['a']) }
  const { context } = await two.other.run(saga, input, { id: 'v', user: 'ada' })
  assert.deepEqual(context, input)
  assert.equal((await two.leader.inspect('v')).user, 'ada')
})

test('cancel, signal and compensate work from a process that stands by', async () => {
  await using home = await sagaLedger()
  const undone: string[] = []
  const waits = new Saga<{ id: string }>('waits')
    .localStep(() => undefined, { name: 'hold' })
    .onFailure(({ id }) => void undone.push(id))
    .waitFor('go', (context, data) => ({ ...context, data }))
    .commit()
  await using two = await pair(home, () => [waits])
  const { other } = two
  await other.start(waits, { id: 'a' }, { id: 'a' })
  await other.signal('a', 'go', { n: 1n })
  const went = await other.result('a')
  assert.deepEqual(went.context, { id: 'a', data: { n: 1n } })
  await other.compensate('a', 'sent back')
  await until(async () => (await other.inspect('a')).backward === 'done')
  await other.start(waits, { id: 'b' }, { id: 'b' })
  await other.cancel('b', 'too late')
  const cancelled = await other.result('b')
  assert.deepEqual([cancelled.forward, cancelled.backward], ['cancelled', 'done'])
  assert.match(cancelled.failure?.message ?? '', /too late/)
  assert.deepEqual(undone, ['a', 'b'])
})

test('the four verbs work from a process that stands by', async () => {
  await using home = await sagaLedger()
  let isBroken = true
  const undone: string[] = []
  const brittle = new Saga<object>('brittle', {
    undos: { byHand: (data) => void undone.push(`by hand: ${String(data)}`) },
  })
    .localStep(() => undefined, { name: 'card', undoRetry: { maxAttempts: 1 } })
    .onFailure((context) => {
      if (isBroken && !('token' in context)) throw new Error('the bank is closed')
      undone.push('token' in context ? 'with token' : 'card')
    })
    .localStep(() => {
      throw refuse('no carrier')
    })
    .commit()
  await using two = await pair(home, () => [brittle])
  const { other } = two
  const by = { path: 'card', by: 'ops', reason: 'seen to' }
  const resolutions = [
    { ...by, verb: 'edit', data: { token: 't' } },
    { ...by, verb: 'replace', undo: 'byHand', data: 'cash' },
    { ...by, verb: 'waive' },
    { ...by, verb: 'retry' },
  ] as const
  for (const resolution of resolutions) {
    const id = resolution.verb
    assert.equal((await other.run(brittle, {}, { id })).backward, 'stuck')
    isBroken = resolution.verb !== 'retry'
    await other.resolve(id, resolution)
    await until(async () => (await other.inspect(id)).openItems === 0)
  }
  assert.deepEqual(undone, ['with token', 'by hand: cash', 'card'])
  assert.equal((await other.result('waive')).backward, 'waived')
})

test('what the other process refuses is refused here with the same code, and nothing is stored', async () => {
  await using home = await sagaLedger()
  const good = new Saga<object>('good').localStep(() => undefined).commit()
  const mine = new Saga<object>('mine').localStep(() => undefined).commit()
  const signalled = new Saga<object>('signalled').waitFor('go').commit()
  await using two = await pair(home, (who) =>
    who === 'leader' ? [good, signalled] : [good, signalled, mine],
  )
  const { other } = two
  await other.run(good, {}, { id: 'done' })
  const calls = [
    [() => other.run(mine, {}, { id: 'm' }), 'SAGA_DEFINITION_UNKNOWN'],
    [() => other.run(signalled, {}, { id: 'done' }), 'SAGA_EXECUTION_ID_TAKEN'],
    [() => other.run(good, { f: () => 1 }), 'VALUE_NOT_STORABLE'],
    [() => other.cancel('done'), 'SAGA_EXECUTION_ENDED'],
    [() => other.cancel('nobody'), 'SAGA_EXECUTION_NOT_FOUND'],
    [() => other.signal('nobody', 'go'), 'SAGA_EXECUTION_NOT_FOUND'],
    [
      () => other.resolve('done', { path: 'x', verb: 'retry', by: 'ops', reason: 'r' }),
      'SAGA_WORK_ITEM_NOT_FOUND',
    ],
  ] as const
  for (const [call, code] of calls) {
    await assert.rejects(call, (error) => codeOf(error) === code, code)
  }
  assert.deepEqual(
    (await other.list()).executions.map(({ id }) => id),
    ['done'],
  )
})

test('who gives up waiting, or closes, leaves the request stored: it is carried out later', async () => {
  await using home = await sagaLedger()
  const ran: string[] = []
  const saga = new Saga<{ id: string }>('add').localStep(({ id }) => void ran.push(id)).commit()
  const clock = fakeClock()
  const slow = { clock, log: (): void => undefined }
  const parts = { ledger: home.ledger, definitions: [saga], ...slow }
  const leader = await openSagaManager(parts)
  const other = await openSagaManager(parts)
  const gaveUp = other.run(saga, { id: 'a' }, { id: 'a', timeoutMs: 10 })
  const closed = other.run(saga, { id: 'b' }, { id: 'b' })
  const failed = Promise.allSettled([gaveUp, closed])
  await until(async () => (await home.ledger.rows('saga-request', { limit: 9 })).length === 2)
  await clock.advanceAsync(10)
  await other[Symbol.asyncDispose]()
  const codes = (await failed).map((one) => one.status === 'rejected' && codeOf(one.reason))
  assert.deepEqual(codes, ['DEADLINE_EXCEEDED', 'SAGA_MANAGER_CLOSED'])
  assert.deepEqual(ran, [])
  await until(() => ran.length === 2, clock)
  await leader[Symbol.asyncDispose]()
})

const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

test('the one who runs them may die at any commit of a start from elsewhere: it ends, each effect once', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const commits = await takenOver(home.ledger, clock, 'undisturbed', 0, 'before')
  assert.ok(commits >= 2, `${commits} commits`)
  for (let at = 1; at <= commits; at++) {
    for (const fault of FAULTS) await takenOver(home.ledger, clock, `${fault}-${at}`, at, fault)
  }
})

/** A start from elsewhere while the leader dies at a commit; answers how many it had. */
async function takenOver(
  ledger: Ledger,
  clock: FakeClock,
  id: string,
  at: number,
  fault: FaultKind,
): Promise<number> {
  const effects = new Set<string>()
  const saga = new Saga<{ n: number }>('add')
    .localStep(({ n }, { idempotencyKey }) => {
      effects.add(idempotencyKey)
      return { n: n + 1 }
    })
    .localStep(({ n }, { idempotencyKey }) => {
      effects.add(idempotencyKey)
      return { n: n * 10 }
    })
    .commit()
  const dying = dyingLedger(ledger, at, fault)
  const parts = { definitions: [saga], clock, ...quiet }
  const leader = await openSagaManager({ ledger: dying, ...parts })
  const other = await openSagaManager({ ledger, ...parts })
  assert.equal(other.status().state, 'standing-by')
  const starting = other.start(saga, { n: 1 }, { id })
  let outcome: unknown
  let isNew: boolean | undefined
  void starting.then(async (started) => {
    isNew = started.isNew
    outcome = (await started.result()).context
  })
  await until(() => outcome !== undefined || dying.isDead, clock)
  // The lease of a process that is gone runs out.
  if (dying.isDead) await clock.advanceAsync(20_000)
  await until(() => outcome !== undefined, clock)
  assert.deepEqual([outcome, isNew, effects.size], [{ n: 20 }, true, 2], id)
  const closing = Promise.resolve(leader[Symbol.asyncDispose]())
  if (dying.isDead) closing.catch(() => undefined)
  else await closing
  await other[Symbol.asyncDispose]()
  // Whoever comes next finds the lease free.
  await clock.advanceAsync(20_000)
  return dying.commits
}

test('a request whose own commit is done but reported failed is carried out once', async () => {
  await using home = await sagaLedger()
  const ran: string[] = []
  const saga = new Saga<{ id: string }>('add').localStep(({ id }) => void ran.push(id)).commit()
  const faulty = faultyLedger(home.ledger)
  await using leader = await openSagaManager({ ledger: home.ledger, definitions: [saga], ...quiet })
  await using other = await openSagaManager({ ledger: faulty, definitions: [saga], ...quiet })
  assert.equal(leader.status().state === 'standing-by', false)
  const isRequest = ({ rows = [] }: Write): boolean =>
    rows.some(({ space }) => space === 'saga-request')
  faulty.failAt((write) => isRequest(write), 'done-but-reported-failed')
  const done = await other.run(saga, { id: 'a' }, { id: 'a' })
  assert.equal(done.forward, 'completed')
  faulty.heal()
  faulty.failAt((write) => isRequest(write), 'before')
  const failing = other.run(saga, { id: 'b' }, { id: 'b' })
  await assert.rejects(failing, (error) => codeOf(error) === 'LEDGER_WRITE_FAILED')
  assert.deepEqual(ran, ['a'])
})
