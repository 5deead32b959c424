import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import type { SagaManager } from '../../src/saga/manager/saga-manager.ts'
import { until } from '../coordinator/until.ts'
import { openSagas } from './sagas.ts'

const ONCE = { maxAttempts: 1 } as const

/** A saga whose second undo fails until it is repaired. */
function brittle(): {
  readonly saga: CommittedSaga<object, object>
  readonly undone: string[]
  repair(this: void): void
} {
  const undone: string[] = []
  let isBroken = true
  const saga = new Saga<object>('brittle', {
    undos: { byHand: (data) => void undone.push(`by hand: ${String(data)}`) },
  })
    .localStep(() => undefined, { name: 'stock' })
    .onFailure(() => void undone.push('stock'))
    .localStep(() => undefined, { name: 'card', undoRetry: ONCE })
    .onFailure((context) => {
      if (isBroken && !('token' in context)) throw new Error('the bank is closed')
      undone.push(`card${'token' in context ? ' with token' : ''}`)
    })
    .localStep(() => {
      throw refuse('no carrier')
    })
    .commit()
  return { saga, undone, repair: () => (isBroken = false) }
}

async function ended(sagas: SagaManager, id: string): Promise<string> {
  await until(async () => (await sagas.inspect(id)).openItems === 0)
  const { forward, backward } = await sagas.result(id)
  return `${forward}/${backward}`
}

test('an undo that fails waits for an operator and holds back no other [minos-F11, minos-B-01]', async () => {
  const { saga, undone } = brittle()
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, {}, { id: 'x' })
  assert.deepEqual([outcome.forward, outcome.backward, undone], ['failed', 'stuck', ['stock']])
  assert.equal(outcome.failure?.message, 'no carrier')
  const items = await Array.fromAsync(open.sagas.workItems())
  assert.deepEqual(
    items.map(({ id, path, kind, failure }) => [id, path, kind, failure?.message]),
    [['x', 'card', 'undo', 'the bank is closed']],
  )
  const [listed] = (await open.sagas.list({ stuck: true })).executions
  assert.deepEqual([listed?.id, listed?.state, listed?.openItems], ['x', 'stuck', 1])
})

test('an operator retries a stuck undo, and the execution ends compensated', async () => {
  const { saga, undone, repair } = brittle()
  await using open = await openSagas({ definitions: [saga] })
  await open.sagas.run(saga, {}, { id: 'x' })
  repair()
  await open.sagas.resolve('x', { path: 'card', verb: 'retry', by: 'ops', reason: 'open again' })
  assert.equal(await ended(open.sagas, 'x'), 'failed/done')
  assert.deepEqual(undone, ['stock', 'card'])
})

test('an operator edits what a stuck undo gets', async () => {
  const { saga, undone } = brittle()
  await using open = await openSagas({ definitions: [saga] })
  await open.sagas.run(saga, {}, { id: 'x' })
  const data = { token: 't' }
  await open.sagas.resolve('x', { path: 'card', verb: 'edit', by: 'ops', reason: 'new', data })
  assert.equal(await ended(open.sagas, 'x'), 'failed/done')
  assert.deepEqual(undone, ['stock', 'card with token'])
})

test('an operator runs another undo in place of a stuck one', async () => {
  const { saga, undone } = brittle()
  await using open = await openSagas({ definitions: [saga] })
  await open.sagas.run(saga, {}, { id: 'x' })
  const other = {
    path: 'card',
    verb: 'replace',
    by: 'ops',
    reason: 'cash',
    undo: 'byHand',
  } as const
  await open.sagas.resolve('x', { ...other, data: '9 euros' })
  assert.equal(await ended(open.sagas, 'x'), 'failed/done')
  assert.deepEqual(undone, ['stock', 'by hand: 9 euros'])
})

test('an operator waives a stuck undo, and that stays visible', async () => {
  const { saga } = brittle()
  await using open = await openSagas({ definitions: [saga] })
  await open.sagas.run(saga, {}, { id: 'x' })
  await open.sagas.resolve('x', { path: 'card', verb: 'waive', by: 'ops', reason: 'small' })
  assert.equal(await ended(open.sagas, 'x'), 'failed/waived')
  const [listed] = (await open.sagas.list({ backward: 'waived' })).executions
  assert.deepEqual([listed?.id, listed?.state], ['x', 'waived'])
})

test('items that are not there, and verbs that do not fit, are refused', async () => {
  const { saga } = brittle()
  await using open = await openSagas({ definitions: [saga] })
  await open.sagas.run(saga, {}, { id: 'x' })
  const by = { by: 'ops', reason: 'why not' }
  await assert.rejects(
    open.sagas.resolve('x', { path: 'stock', verb: 'retry', ...by }),
    (e) => codeOf(e) === 'SAGA_WORK_ITEM_NOT_FOUND',
  )
  await assert.rejects(
    open.sagas.resolve('x', { path: 'card', verb: 'replace', ...by }),
    (e) => codeOf(e) === 'SAGA_VERB_NOT_ALLOWED',
  )
})

test('a step behind the pivot that is refused waits for an operator, and goes on', async () => {
  let isClosed = true
  const saga = new Saga('deliver')
    .localStep(() => undefined, { name: 'pay' })
    .pivot()
    .localStep(
      () => {
        if (isClosed) throw refuse('closed')
      },
      { name: 'post' },
    )
    .commit()
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, {}, { id: 'd' })
  assert.deepEqual([outcome.forward, outcome.items[0]?.kind], ['running', 'exhausted'])
  isClosed = false
  await open.sagas.resolve('d', { path: 'post', verb: 'retry', by: 'ops', reason: 'open' })
  await until(async () => (await open.sagas.inspect('d')).forward === 'completed')
  assert.equal((await open.sagas.result('d')).forward, 'completed')
})

test('a stuck child makes its parent stuck, and resolving it completes the parent', async () => {
  let isBroken = true
  const undone: string[] = []
  const child = new Saga<object>('child')
    .localStep(() => undefined, { name: 'hold', undoRetry: ONCE })
    .onFailure(() => {
      if (isBroken) throw new Error('broken')
      undone.push('hold')
    })
    .commit()
  const parent = new Saga<object>('parent')
    .localStep(() => undefined, { name: 'first' })
    .onFailure(() => void undone.push('first'))
    .sagaStep(child, { name: 'child' })
    .localStep(() => {
      throw refuse('no')
    })
    .commit()
  await using open = await openSagas({ definitions: [parent, child] })
  const outcome = await open.sagas.run(parent, {}, { id: 'p' })
  assert.deepEqual([outcome.backward, undone], ['stuck', ['first']])
  assert.deepEqual(
    outcome.items.map(({ path, kind }) => [path, kind]),
    [['child', 'child']],
  )
  isBroken = false
  await open.sagas.resolve('p/child', { path: 'hold', verb: 'retry', by: 'ops', reason: 'fixed' })
  assert.equal(await ended(open.sagas, 'p'), 'failed/done')
  assert.deepEqual(undone, ['first', 'hold'])
})
