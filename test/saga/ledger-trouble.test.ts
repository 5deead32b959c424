/** What becomes of executions when their ledger fails, is full, or is slow. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codedError, codeOf } from '../../src/errors.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { faultyLedger } from '../../src/testing/faulty-ledger.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { until } from '../coordinator/until.ts'
import { listening, sagaLedger } from './sagas.ts'

const log = listening().log
const add = new Saga<{ n: number }>('add')
  .localStep(({ n }) => ({ n: n + 1 }), { name: 'one' })
  .localStep(({ n }) => ({ n: n + 1 }), { name: 'two' })
  .commit()

for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
  test(`every second commit fails ${kind}, and every saga completes with each step run once`, async () => {
    await using home = await sagaLedger()
    const ledger = faultyLedger(home.ledger)
    const runs = new Map<string, number>()
    const saga = new Saga<{ n: number }>('counted')
      .localStep(
        ({ n }, info) => {
          runs.set(info.idempotencyKey, (runs.get(info.idempotencyKey) ?? 0) + 1)
          return { n: n + 1 }
        },
        { name: 'one' },
      )
      .commit()
    await using sagas = await openSagaManager({ ledger, definitions: [saga], log })
    ledger.failAt((_, nth) => nth % 2 === 0, kind)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => sagas.run(saga, { n }, { id: `s-${n}` })),
    )
    ledger.heal()
    assert.ok(outcomes.every(({ forward }) => forward === 'completed'))
    assert.deepEqual(
      [...runs.values()],
      Array.from({ length: 20 }, () => 1),
    )
  })
}

test('a ledger that refuses for a while is waited out, visibly', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  let isFull = false
  const ledger: Ledger = {
    ...faultyLedger(home.ledger),
    commit: async (write, options) => {
      if (isFull) throw codedError('LEDGER_OVERLOADED')
      return await home.ledger.commit(write, options)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
  await using sagas = await openSagaManager({ ledger, definitions: [add], clock, log })
  isFull = true
  const running = sagas.run(add, { n: 1 })
  await until(() => sagas.status().ledgerTrouble !== undefined, clock)
  assert.equal(sagas.status().ledgerTrouble?.code, 'LEDGER_OVERLOADED')
  await clock.advanceAsync(1_000)
  isFull = false
  await clock.advanceAsync(5_000)
  assert.equal((await running).forward, 'completed')
  assert.equal(sagas.status().ledgerTrouble, undefined)
})

test('closing does not wait for ever for a ledger that fails', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const ledger = faultyLedger(home.ledger)
  const sagas = await openSagaManager({ ledger, definitions: [add], clock, log })
  ledger.failAt(() => true, 'before')
  const running = sagas.run(add, { n: 1 })
  running.catch(() => undefined)
  await until(() => sagas.status().ledgerTrouble !== undefined, clock)
  const closing = sagas[Symbol.asyncDispose]()
  let isClosed = false
  void closing.then(() => (isClosed = true))
  await until(() => isClosed, clock)
  await assert.rejects(running, (error) => codeOf(error) === 'SAGA_MANAGER_CLOSED')
  assert.equal(clock.timers, 0)
})

test('one execution that cannot be written does not hold up those beside it', async () => {
  await using home = await sagaLedger()
  const ledger = faultyLedger(home.ledger)
  ledger.failAt(({ appends }) => (appends ?? []).length > 1, 'before')
  await using sagas = await openSagaManager({ ledger, definitions: [add], log })
  const outcomes = await Promise.all([1, 2, 3].map((n) => sagas.run(add, { n })))
  assert.deepEqual(
    outcomes.map(({ context }) => context?.n),
    [3, 4, 5],
  )
})

test('executions that start together share a write', async () => {
  await using home = await sagaLedger()
  const ledger = faultyLedger(home.ledger)
  await using sagas = await openSagaManager({ ledger, definitions: [add], log })
  const before = ledger.commits
  await Promise.all(Array.from({ length: 64 }, (_, n) => sagas.run(add, { n })))
  // 64 executions of three writes each.
  assert.ok(ledger.commits - before < 30, `${ledger.commits - before} commits`)
})

test('more executions than fit wait for a place, and too many are refused', async () => {
  await using home = await sagaLedger()
  const gate = Promise.withResolvers<void>()
  const slow = new Saga<{ n: number }>('slow').localStep(async () => await gate.promise).commit()
  const limits = { executionsInMemoryMax: 4, executionsResumingMax: 4, executionsWaitingMax: 3 }
  const parts = { ledger: home.ledger, definitions: [slow], log, limits }
  await using sagas = await openSagaManager(parts)
  const running = Array.from({ length: 7 }, (_, n) => sagas.run(slow, { n }))
  await until(() => sagas.status().waitingToStart === 3)
  assert.equal(sagas.status().inMemory, 4)
  await assert.rejects(sagas.run(slow, { n: 8 }), (error) => codeOf(error) === 'SAGA_OVERLOADED')
  gate.resolve()
  const outcomes = await Promise.all(running)
  assert.ok(outcomes.every(({ forward }) => forward === 'completed'))
})

test('closing lets what runs end, and leaves the rest for the next process', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  let runs = 0
  const gate = Promise.withResolvers<void>()
  const saga = new Saga<{ n: number }>('long')
    .localStep(
      async ({ n }) => {
        if (++runs === 1) await gate.promise
        return { n: n + 1 }
      },
      { name: 'slow' },
    )
    .commit()
  const parts = { ledger: home.ledger, definitions: [saga], log, clock }
  const first = await openSagaManager(parts)
  const running = first.run(saga, { n: 1 }, { id: 'x' })
  await until(() => runs === 1)
  const closing = first[Symbol.asyncDispose]()
  running.catch(() => undefined)
  await clock.advanceAsync(10_001)
  await closing
  await assert.rejects(running, (error) => codeOf(error) === 'SAGA_MANAGER_CLOSED')
  await using second = await openSagaManager(parts)
  assert.deepEqual((await second.result('x')).context, { n: 2 })
  gate.resolve()
})

test('closing waits for what is about to end', async () => {
  await using home = await sagaLedger()
  const gate = Promise.withResolvers<void>()
  const saga = new Saga<{ n: number }>('short')
    .localStep(async () => await gate.promise)
    .localStep(({ n }) => ({ n: n + 1 }), { name: 'then' })
    .commit()
  const sagas = await openSagaManager({ ledger: home.ledger, definitions: [saga], log })
  const running = sagas.run(saga, { n: 1 }, { id: 'x' })
  await until(() => sagas.status().inMemory === 1)
  const closing = sagas[Symbol.asyncDispose]()
  gate.resolve()
  assert.deepEqual((await running).context, { n: 2 })
  await closing
})

test('whatever authors throw, return or leave hanging, the manager goes on', async () => {
  await using home = await sagaLedger()
  const { log: heard, logged } = listening()
  const odd: readonly ((n: object) => unknown)[] = [
    () => {
      // oxlint-disable-next-line typescript/only-throw-error -- authors do
      throw undefined
    },
    () => {
      // oxlint-disable-next-line typescript/only-throw-error -- authors do
      throw Object.freeze({ message: 7 })
    },
    () => Promise.reject(new Error('no')),
    () => ({
      then: (_: unknown, reject: (error: unknown) => void) => {
        reject('thenable')
        reject('again')
      },
    }),
    () => 'a text' as never,
    () => ({ fn: () => 1 }),
    () => {
      throw new Proxy(new Error('trap'), {
        get: () => {
          throw new Error('inside')
        },
      })
    },
  ]
  const definitions = odd.map((run, index) =>
    new Saga<object>(`odd-${index}`).localStep(run as () => object).commit(),
  )
  const parts = { ledger: home.ledger, definitions: [add, ...definitions], log: heard }
  await using sagas = await openSagaManager(parts)
  for (const definition of definitions) {
    const outcome = await sagas.run(definition, {})
    assert.equal(outcome.forward, 'failed', definition.name)
  }
  assert.equal((await sagas.run(add, { n: 1 })).forward, 'completed')
  assert.deepEqual(logged, [])
})

test('a journal that grows without end is cut: the execution is cancelled', async () => {
  await using home = await sagaLedger()
  const { log: heard, logged } = listening()
  const endless = new Saga<object>('endless')
    .localStep(
      () => {
        throw new Error('again')
      },
      { retry: { maxAttempts: Infinity, initialMs: 0, maxMs: 0, jitter: 'none' } },
    )
    .commit()
  const limits = { executionEntriesMax: 60, executionSnapshotEvery: 20 }
  const parts = { ledger: home.ledger, definitions: [endless], log: heard, limits }
  await using sagas = await openSagaManager(parts)
  const outcome = await sagas.run(endless, {}, { id: 'e' })
  assert.equal(outcome.forward, 'cancelled')
  assert.match(outcome.failure?.message ?? '', /SAGA_EXECUTION_TOO_LONG/)
  assert.deepEqual(logged, ['execution_too_long'])
})

test('a long journal is taken up from a snapshot', async () => {
  await using home = await sagaLedger()
  const patient = new Saga<{ n: number }>('patient')
    .localStep(({ n }) => ({ n: n + 1 }), { name: 'first' })
    .localStep(
      (_, info) => {
        if (info.attempt < 50) throw new Error('not yet')
      },
      { name: 'second', retry: { maxAttempts: 50, initialMs: 0, maxMs: 0, jitter: 'none' } },
    )
    .waitFor('go')
    .commit()
  const limits = { executionSnapshotEvery: 20, executionEntriesMax: 500 }
  const parts = { ledger: home.ledger, definitions: [patient], log, limits }
  {
    await using sagas = await openSagaManager(parts)
    await sagas.start(patient, { n: 1 }, { id: 'p' })
    await until(() => sagas.status().inMemory === 0)
  }
  const { executionStream } = await import('../../src/saga/journal/execution-stream.ts')
  const snapshot = await home.ledger.snapshot(executionStream('p'))
  assert.ok((snapshot?.sequence ?? 0) >= 39)
  await using sagas = await openSagaManager(parts)
  await sagas.signal('p', 'go')
  const outcome = await sagas.result('p')
  assert.deepEqual(outcome.context, { n: 2 })
  assert.equal(outcome.steps[1]?.attempts, 50)
})
