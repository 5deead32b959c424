import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaEnded } from '../../src/saga/manager/saga-manager.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../coordinator/until.ts'
import { listening, openSagas, sagaLedger } from './sagas.ts'

const yes = new Saga<object>('yes').localStep(() => undefined).commit()
const no = new Saga<object>('no')
  .localStep(() => {
    throw refuse('no')
  })
  .commit()
const later = new Saga<object>('later').waitFor('go').commit()
const definitions = [yes, no, later]

test('executions are listed by state, outcome, definition and age, a page at a time', async () => {
  const clock = fakeClock()
  await using open = await openSagas({ definitions, clock })
  await open.sagas.run(yes, {}, { id: 'old' })
  clock.advance(10_000)
  for (const n of [1, 2, 3]) await open.sagas.run(yes, {}, { id: `yes-${n}` })
  await open.sagas.run(no, {}, { id: 'no-1' })
  await open.sagas.start(later, {}, { id: 'later-1', user: 'ada', correlationId: 'trace-1' })
  const ids = async (filter: Parameters<typeof open.sagas.list>[0]): Promise<readonly string[]> =>
    (await open.sagas.list(filter)).executions.map(({ id }) => id)
  await until(async () => (await ids({ state: 'waiting' })).length === 1)
  assert.deepEqual(await ids({ state: 'completed' }), ['old', 'yes-1', 'yes-2', 'yes-3'])
  assert.deepEqual(await ids({ forward: 'failed' }), ['no-1'])
  assert.deepEqual(await ids({ definition: 'later' }), ['later-1'])
  assert.deepEqual(await ids({ olderThanMs: 5_000 }), ['old'])
  assert.deepEqual(await ids({ stuck: true }), [])
  const first = await open.sagas.list({ limit: 4 })
  const second = await open.sagas.list({ limit: 4, after: first.next })
  assert.deepEqual(
    [...first.executions, ...second.executions].map(({ id }) => id),
    ['later-1', 'old', 'yes-1', 'yes-2', 'yes-3', 'no-1'],
  )
  assert.equal(second.next, undefined)
  const [waiting] = first.executions
  assert.deepEqual([waiting?.user, waiting?.correlationId], ['ada', 'trace-1'])
})

test('what ends is followed, from now on or from a position', async () => {
  await using open = await openSagas({ definitions })
  await open.sagas.run(yes, {}, { id: 'before' })
  const seen: SagaEnded[] = []
  const controller = new AbortController()
  const following = (async () => {
    for await (const ended of open.sagas.ends({ signal: controller.signal })) seen.push(ended)
  })()
  await until(async () => {
    await open.sagas.run(no, {}, { id: `n-${seen.length}` })
    return seen.length > 0
  })
  controller.abort()
  await following
  assert.deepEqual(
    [seen[0]?.definition, seen[0]?.forward, seen[0]?.failure?.message],
    ['no', 'failed', 'no'],
  )
  const all = await Array.fromAsync(open.sagas.ends({ after: 0, follow: false }))
  assert.equal(all[0]?.id, 'before')
  const rest = await Array.fromAsync(
    open.sagas.ends({ after: all[0]?.position ?? 0, follow: false }),
  )
  assert.deepEqual(rest, all.slice(1))
})

test('what has ended is deleted when its time is up, and its id is free again; what is stuck stays [minos-237, minos-B-20]', async () => {
  const clock = fakeClock()
  const stuck = new Saga<object>('stuck')
    .localStep(() => undefined, { undoRetry: { maxAttempts: 1 } })
    .onFailure(() => {
      throw new Error('broken')
    })
    .localStep(() => {
      throw refuse('no')
    })
    .commit()
  await using open = await openSagas({ definitions: [yes, stuck], clock, retentionMs: 60_000 })
  await open.sagas.run(yes, {}, { id: 'gone' })
  await open.sagas.run(stuck, {}, { id: 'kept' })
  await clock.advanceAsync(59_000)
  assert.equal((await open.sagas.list()).executions.length, 2)
  await clock.advanceAsync(2_000)
  await until(async () => (await open.sagas.list()).executions.length === 1)
  await assert.rejects(open.sagas.result('gone'), (e) => codeOf(e) === 'SAGA_EXECUTION_NOT_FOUND')
  assert.equal((await open.sagas.inspect('kept')).state, 'stuck')
  const again = await open.sagas.start(yes, {}, { id: 'gone' })
  assert.equal(again.isNew, true)
  assert.equal((await again.result()).forward, 'completed')
})

test('an execution whose definition nobody knows waits in plain sight, until somebody does [minos-B-22]', async () => {
  await using home = await sagaLedger()
  const { log, logged } = listening()
  const one = new Saga<object>('versioned', { version: '1' }).waitFor('go').commit()
  const two = new Saga<object>('versioned', { version: '2' })
    .waitFor('go')
    .localStep(() => ({ two: true }))
    .commit()
  {
    await using sagas = await openSagaManager({ ledger: home.ledger, definitions: [one], log })
    await sagas.start(one, {}, { id: 'v' })
    await sagas.signal('v', 'other')
  }
  {
    await using sagas = await openSagaManager({ ledger: home.ledger, definitions: [two], log })
    await assert.rejects(sagas.signal('v', 'go'), (e) => codeOf(e) === 'SAGA_DEFINITION_UNKNOWN')
    assert.equal((await sagas.inspect('v')).isKnown, false)
    await until(() => sagas.status().orphaned['versioned'] === 1)
    const fresh = await sagas.start(two, {}, { id: 'w' })
    await sagas.signal('w', 'go')
    assert.deepEqual((await fresh.result()).context, { two: true })
  }
  await using sagas = await openSagaManager({ ledger: home.ledger, definitions: [one, two], log })
  await sagas.signal('v', 'go')
  assert.deepEqual((await sagas.result('v')).context, {})
  assert.deepEqual(logged, ['definitions_missing'])
})
