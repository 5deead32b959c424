/** What callers see of sagas within sagas, of signals, of services that fail, and of undos that hang. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { SagaResponseError } from '../../src/saga/errors/execution-errors.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import type { StandardSchema } from '../../src/saga/messages/standard-schema.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../coordinator/until.ts'
import { openSagas } from './sagas.ts'

const text: StandardSchema<string, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'not a text' }] },
  },
}

test('a saga brings the sagas along that are its steps, and lists them when they are undone', async () => {
  const innermost = new Saga<object>('innermost')
    .localStep(() => undefined, { name: 'deep' })
    .onFailure(() => undefined)
    .commit()
  const inner = new Saga<object>('inner').sagaStep(innermost, { name: 'below' }).commit()
  const outer = new Saga<object>('outer')
    .localStep(() => undefined, { name: 'first' })
    .onFailure(() => undefined)
    .sagaStep(inner, { name: 'within' })
    .localStep(() => {
      throw refuse('no')
    })
    .commit()
  await using open = await openSagas({ definitions: [outer] })
  const outcome = await open.sagas.run(outer, {}, { id: 'x' })
  assert.deepEqual([outcome.backward, outcome.undone], ['done', ['within', 'first']])
  const { undone } = await open.sagas.inspect('x')
  assert.deepEqual(undone, ['within', 'first'])
  assert.deepEqual((await open.sagas.inspect('x/within')).undone, ['below'])
})

test('a saga may be given although another one brings it along', async () => {
  const inner = new Saga<object>('inner').localStep(() => undefined).commit()
  const outer = new Saga<object>('outer').sagaStep(inner).commit()
  for (const definitions of [
    [inner, outer],
    [outer, inner],
  ]) {
    await using open = await openSagas({ definitions })
    assert.equal((await open.sagas.run(outer, {})).forward, 'completed')
    assert.equal((await open.sagas.run(inner, {})).forward, 'completed')
  }
})

test('a saga whose step has no undo is undone all the same when the saga around it is', async () => {
  const inner = new Saga<object>('inner').localStep(() => undefined).commit()
  const outer = new Saga<object>('outer')
    .sagaStep(inner)
    .localStep(() => {
      throw refuse('no')
    })
    .commit()
  await using open = await openSagas({ definitions: [outer] })
  const outcome = await open.sagas.run(outer, {}, { id: 'x', timeoutMs: 5_000 })
  assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
})

for (const why of ['refused', 'failed'] as const) {
  test(`the work item of a nested saga that was ${why} and could not be undone shows in the saga around it`, async () => {
    const inner = new Saga<object>('inner')
      .localStep(() => undefined, { name: 'hold', undoRetry: 1 })
      .onFailure(() => {
        throw new Error('broken')
      })
      .localStep(() => {
        throw why === 'refused' ? refuse('no') : new Error('no')
      })
      .commit()
    const outer = new Saga<object>('outer').sagaStep(inner, { name: 'within' }).commit()
    await using open = await openSagas({ definitions: [outer] })
    const { backward, items } = await open.sagas.run(outer, {}, { id: 'x' })
    assert.deepEqual(
      [backward, items.map(({ path, kind }) => [path, kind])],
      ['stuck', [['within', 'child']]],
    )
  })
}

test('an execution that waits for a signal says for which, and refuses data that its schema refuses', async () => {
  const saga = new Saga<object>('waits')
    .waitFor('first', (_, data) => ({ first: data }), { data: text })
    .waitFor('second', () => undefined, { timeoutMs: 60_000 })
    .commit()
  await using open = await openSagas({ definitions: [saga] })
  const { sagas } = open
  await sagas.start(saga, {}, { id: 'x' })
  const waitingFor = async (): Promise<string> => {
    const { waiting, waitingFor: name } = await sagas.inspect('x')
    return `${waiting} ${name}`
  }
  await until(async () => (await waitingFor()) === 'signal first')
  const refused = sagas.signal('x', 'first', 7)
  await assert.rejects(refused, (error) => codeOf(error) === 'SAGA_SIGNAL_INVALID')
  assert.equal(await waitingFor(), 'signal first')
  await until(() => sagas.status().inMemory === 0)
  await sagas.signal('x', 'first', 'yes')
  await until(async () => (await waitingFor()) === 'signal second')
  assert.notEqual((await sagas.inspect('x')).dueAt, undefined)
  await sagas.signal('x', 'second', { any: 'data' })
  assert.deepEqual((await sagas.result('x')).context, { first: 'yes' })
})

test('a service that answers that it failed is a SagaResponseError', async () => {
  const ask = requestType('ask.it')
  const saga = new Saga<object>('asks').remoteStep(() => ask({}), { needsNoUndo: true }).commit()
  const participants = [
    handle(ask, () => {
      throw new Error('out of order')
    }),
  ]
  await using open = await openSagas({ definitions: [saga], participants })
  const { error } = await open.sagas.run(saga, {}, { id: 'x' })
  assert.ok(error instanceof SagaResponseError)
  assert.match(error.message, /out of order/)
  const again = await open.sagas.result('x')
  assert.ok(again.error instanceof SagaResponseError)
})

test('an undo that hangs is given up after a while, and waits for an operator', async () => {
  const clock = fakeClock()
  const saga = new Saga<object>('hangs')
    .localStep(() => undefined, { name: 'hold', undoRetry: 1 })
    .onFailure(async () => await new Promise(() => undefined))
    .localStep(() => {
      throw refuse('no')
    })
    .commit()
  await using open = await openSagas({ definitions: [saga], clock })
  const started = await open.sagas.start(saga, {}, { id: 'x' })
  await clock.advanceAsync(299_000)
  assert.equal((await open.sagas.list({ stuck: true })).executions.length, 0)
  await clock.advanceAsync(60_000)
  const { backward, items } = await started.result()
  assert.deepEqual(
    [backward, items.map(({ path, kind, failure }) => [path, kind, failure?.code])],
    ['stuck', [['hold', 'undo', 'ATTEMPT_ABANDONED']]],
  )
})
