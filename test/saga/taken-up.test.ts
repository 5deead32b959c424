/** Executions that are told something before recovery has come to them, or while they are asked for again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { dyingLedger } from './dying-ledger.ts'
import { until } from '../coordinator/until.ts'
import { openSagas, sagaLedger } from './sagas.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const

for (const verb of ['cancel', 'signal'] as const) {
  test(`a step that runs at most once is not run again by a ${verb} that comes before recovery does`, async () => {
    await using home = await sagaLedger()
    const clock = fakeClock()
    const runs: string[] = []
    let hangs = true
    const saga = new Saga<{ id: string }>('once')
      .localStep(
        async ({ id }) => {
          runs.push(id)
          if (hangs) await new Promise(() => undefined)
        },
        { name: 'once', atMostOnce: true },
      )
      .onFailure(() => undefined)
      .commit()
    const random = seededRandom(1)
    const limits = { executionsResumingMax: 1 }
    const options = { definitions: [saga], clock, random, log: () => undefined, limits }
    const dying = dyingLedger(home.ledger, IDS.length + 1, 'before')
    const one = await openSagaManager({ ledger: dying, ...options })
    for (const id of IDS) await one.start(saga, { id }, { id })
    one.start(saga, { id: 'g' }, { id: 'g' }).catch(() => undefined)
    await clock.advanceAsync(20_000)
    assert.deepEqual([dying.isDead, runs], [true, [...IDS]])
    hangs = false
    await using two = await openSagaManager({ ledger: home.ledger, ...options })
    const told = verb === 'cancel' ? two.cancel('f', 'stop') : two.signal('f', 'hello')
    // What was interrupted is given up first, so that nothing goes forward any more.
    const refused = assert.rejects(told, (error) => codeOf(error) === 'SAGA_EXECUTION_ENDED')
    for (let turn = 0; turn < 200; turn++) await clock.advanceAsync(10)
    await refused
    assert.deepEqual(runs, [...IDS])
    for (const id of IDS) {
      const { items, backward } = await two.inspect(id)
      assert.deepEqual([backward, items.map(({ kind }) => kind)], ['stuck', ['unknown']])
    }
  })
}

test('an execution that is started a second time hears what it is told meanwhile', async () => {
  const saga = new Saga<object>('waits').waitFor('never').commit()
  await using open = await openSagas({ definitions: [saga] })
  await open.sagas.start(saga, {}, { id: 'x' })
  await until(() => open.sagas.status().inMemory === 0)
  const again = open.sagas.start(saga, {}, { id: 'x' })
  const cancelled = open.sagas.cancel('x', 'stop')
  assert.equal((await again).isNew, false)
  await cancelled
  assert.equal((await open.sagas.result('x')).forward, 'cancelled')
})
