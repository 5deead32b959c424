import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../coordinator/until.ts'
import { listening, openSagas, sagaLedger } from './sagas.ts'

const quiet = listening().log
const approve = new Saga<{ who: string }>('approve')
  .waitFor('approved', (order, by) => ({ ...order, by: String(by) }))
  .commit()

test('an execution that waits for a signal holds nothing in memory, and goes on with it', async () => {
  await using open = await openSagas({ definitions: [approve] })
  const started = await open.sagas.start(approve, { who: 'ada' }, { id: 'a' })
  await until(() => open.sagas.status().inMemory === 0)
  const [waiting] = (await open.sagas.list({ state: 'waiting' })).executions
  assert.deepEqual([waiting?.id, waiting?.waiting, waiting?.dueAt], ['a', 'signal', undefined])
  await open.sagas.signal('a', 'approved', 'bob')
  assert.deepEqual((await started.result()).context, { who: 'ada', by: 'bob' })
})

test('a signal that comes early is kept for the step that waits for it', async () => {
  const gate = Promise.withResolvers<void>()
  const late = new Saga<{ who: string }>('late')
    .localStep(async () => await gate.promise)
    .waitFor('approved', (order, by) => ({ ...order, by: String(by) }))
    .commit()
  await using open = await openSagas({ definitions: [late] })
  const started = await open.sagas.start(late, { who: 'ada' }, { id: 'a' })
  await open.sagas.signal('a', 'approved', 'eve')
  gate.resolve()
  assert.deepEqual((await started.result()).context, { who: 'ada', by: 'eve' })
})

test('a signal to what has ended, or was never there, is refused', async () => {
  await using open = await openSagas({ definitions: [approve] })
  await open.sagas.start(approve, { who: 'ada' }, { id: 'a' })
  await open.sagas.signal('a', 'approved', 'bob')
  await open.sagas.result('a')
  await assert.rejects(
    open.sagas.signal('a', 'approved'),
    (e) => codeOf(e) === 'SAGA_EXECUTION_ENDED',
  )
  await assert.rejects(
    open.sagas.signal('nobody', 'approved'),
    (e) => codeOf(e) === 'SAGA_EXECUTION_NOT_FOUND',
  )
})

test('a long pause is written down with its time, and the execution wakes then', async () => {
  const clock = fakeClock()
  let tries = 0
  const retrying = new Saga('retrying')
    .localStep(
      () => {
        if (++tries === 1) throw new Error('not yet')
      },
      { retry: { maxAttempts: 2, initialMs: 3_600_000, maxMs: 3_600_000, jitter: 'none' } },
    )
    .commit()
  await using open = await openSagas({ definitions: [retrying], clock })
  const started = await open.sagas.start(retrying, {}, { id: 'r' })
  await until(() => open.sagas.status().inMemory === 0)
  const [waiting] = (await open.sagas.list({ state: 'waiting' })).executions
  assert.equal(waiting?.waiting, 'time')
  assert.equal(Number((waiting?.dueAt ?? 0n) - clock.wall()) / 1e6, 3_600_000)
  await clock.advanceAsync(3_600_001)
  assert.equal((await started.result()).forward, 'completed')
  assert.equal(tries, 2)
})

test('many that wait for a time move together when it comes, also in another process', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const reminder = new Saga<{ n: number }>('reminder')
    .waitFor('never', undefined, { timeoutMs: 60_000 })
    .commit()
  const parts = { ledger: home.ledger, definitions: [reminder], clock, log: quiet }
  {
    await using sagas = await openSagaManager(parts)
    await Promise.all(
      Array.from({ length: 600 }, (_, n) => sagas.start(reminder, { n }, { id: `r-${n}` })),
    )
    await until(() => sagas.status().inMemory === 0)
  }
  await using sagas = await openSagaManager(parts)
  assert.equal(sagas.status().inMemory, 0)
  await clock.advanceAsync(60_001)
  await until(
    async () => (await sagas.list({ state: 'waiting', limit: 1 })).executions.length === 0,
    clock,
  )
  const { executions } = await sagas.list({ state: 'compensated', limit: 1_000 })
  assert.equal(executions.length, 600)
})

test('an execution that waits for a reply for long leaves memory, and the reply wakes it', async () => {
  const ask = requestType<object, { answer: number }>('oracle.ask')
  const gate = Promise.withResolvers<void>()
  const clock = fakeClock()
  const asking = new Saga('asking')
    .remoteStep(() => ask({}))
    .onSuccess(async (_, reply) => await reply.content())
    .commit()
  const participants = [
    handle(ask, async () => {
      await gate.promise
      return { answer: 42 }
    }),
  ]
  await using open = await openSagas({ definitions: [asking], participants, clock })
  const started = await open.sagas.start(asking, {}, { id: 'q' })
  await until(() => open.sagas.status().inMemory === 0, clock)
  const [waiting] = (await open.sagas.list({ state: 'awaiting' })).executions
  assert.deepEqual(
    [waiting?.id, waiting?.waiting, waiting?.waitingFor],
    ['q', 'reply', 'oracle.ask'],
  )
  gate.resolve()
  assert.deepEqual((await started.result()).context, { answer: 42 })
})

test('a deadline unwinds an execution that waits, and the signal that comes later is refused', async () => {
  const clock = fakeClock()
  const undone: string[] = []
  const slow = new Saga('slow', { deadlineMs: 5_000 })
    .localStep(() => undefined, { name: 'reserve' })
    .onFailure(() => void undone.push('reserve'))
    .waitFor('approved')
    .commit()
  await using open = await openSagas({ definitions: [slow], clock })
  const started = await open.sagas.start(slow, {}, { id: 's' })
  await until(() => open.sagas.status().inMemory === 0)
  await clock.advanceAsync(5_001)
  const outcome = await started.result()
  assert.equal(outcome.failure?.code, 'EXECUTION_DEADLINE_PASSED')
  assert.deepEqual([outcome.backward, undone], ['done', ['reserve']])
  await assert.rejects(
    open.sagas.signal('s', 'approved'),
    (e) => codeOf(e) === 'SAGA_EXECUTION_ENDED',
  )
})

test('cancelling undoes what happened, and behind the pivot it is refused [minos-214]', async () => {
  const undone: string[] = []
  const tour = new Saga('tour')
    .localStep(() => undefined, { name: 'reserve' })
    .onFailure(() => void undone.push('reserve'))
    .waitFor('go')
    .localStep(() => undefined, { name: 'pay' })
    .pivot()
    .waitFor('delivered')
    .commit()
  await using open = await openSagas({ definitions: [tour] })
  const cancelled = await open.sagas.start(tour, {}, { id: 'c' })
  await open.sagas.cancel('c', 'changed my mind')
  const outcome = await cancelled.result()
  assert.deepEqual([outcome.forward, outcome.backward, undone], ['cancelled', 'done', ['reserve']])
  await assert.rejects(open.sagas.cancel('c'), (e) => codeOf(e) === 'SAGA_EXECUTION_ENDED')

  const paid = await open.sagas.start(tour, {}, { id: 'p' })
  await open.sagas.signal('p', 'go')
  await until(async () => (await open.sagas.inspect('p')).steps[2]?.status === 'succeeded')
  await assert.rejects(open.sagas.cancel('p'), (e) => codeOf(e) === 'SAGA_EXECUTION_PAST_PIVOT')
  await open.sagas.signal('p', 'delivered')
  assert.equal((await paid.result()).forward, 'completed')
})

test('a completed execution is undone later on request, once [minos-181]', async () => {
  const undone: string[] = []
  const book = new Saga<{ n: number }>('book')
    .localStep(({ n }) => ({ n: n + 1 }), { name: 'one' })
    .onFailure(() => void undone.push('one'))
    .localStep(({ n }) => ({ n: n + 1 }), { name: 'two' })
    .onFailure(() => void undone.push('two'))
    .commit()
  await using open = await openSagas({ definitions: [book] })
  assert.equal((await open.sagas.run(book, { n: 1 }, { id: 'b' })).forward, 'completed')
  await open.sagas.compensate('b', 'the customer wants it')
  await until(async () => (await open.sagas.inspect('b')).backward === 'done')
  await open.sagas.compensate('b', 'asked twice')
  const outcome = await open.sagas.result('b')
  assert.deepEqual([outcome.forward, outcome.backward], ['completed', 'done'])
  assert.deepEqual(undone, ['two', 'one'])
  assert.equal((await open.sagas.inspect('b')).state, 'compensated')
})

test('what failed cannot be undone on request [minos-182]', async () => {
  const bad = new Saga('bad')
    .localStep(() => {
      throw refuse('no')
    })
    .commit()
  await using open = await openSagas({ definitions: [bad] })
  await open.sagas.run(bad, {}, { id: 'b' })
  await assert.rejects(
    open.sagas.compensate('b'),
    (e) => codeOf(e) === 'SAGA_EXECUTION_NOT_COMPLETED',
  )
})
