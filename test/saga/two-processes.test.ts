import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../coordinator/until.ts'
import { listening, sagaLedger } from './sagas.ts'

test('one runs the executions, the other stands by, answers, and goes on when the first ends', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const log = listening().log
  const add = new Saga<{ n: number }>('add').localStep(({ n }) => ({ n: n + 1 })).commit()
  const parts = { ledger: home.ledger, definitions: [add], clock, log }
  const first = await openSagaManager(parts)
  await using second = await openSagaManager(parts)
  assert.deepEqual(
    [first.status().state === 'standing-by', second.status().state],
    [false, 'standing-by'],
  )
  await first.run(add, { n: 1 }, { id: 'one' })
  assert.deepEqual((await second.result('one')).context, { n: 2 })
  assert.equal((await second.list()).executions.length, 1)
  const waiting = second.run(add, { n: 5 }, { id: 'two' })
  await first[Symbol.asyncDispose]()
  await clock.advanceAsync(5_000)
  assert.deepEqual((await waiting).context, { n: 6 })
})

test('a process that was taken over stops at its next write, and the other one takes up its work', async () => {
  await using home = await sagaLedger()
  const { log, logged } = listening()
  const runs: string[] = []
  const gate = Promise.withResolvers<void>()
  const make = (who: string) =>
    new Saga<{ n: number }>('add')
      .localStep(
        async ({ n }) => {
          runs.push(who)
          if (who === 'old') await gate.promise
          return { n: n + 1 }
        },
        { name: 'add' },
      )
      .commit()
  const [slow, quick] = [make('old'), make('new')]
  const stopped = fakeClock()
  const late = fakeClock({ wall: stopped.wall() + 60_000_000_000n })
  await using old = await openSagaManager({
    ledger: home.ledger,
    definitions: [slow],
    clock: stopped,
    log,
  })
  const started = await old.start(slow, { n: 1 }, { id: 'x' })
  await using fresh = await openSagaManager({
    ledger: home.ledger,
    definitions: [quick],
    clock: late,
    log,
  })
  assert.deepEqual((await fresh.result('x')).context, { n: 2 })
  gate.resolve()
  await until(() => old.status().state === 'standing-by')
  // What it still had to say was not stored; it answers with what the other one did.
  const outcome = started.result()
  await stopped.advanceAsync(200)
  assert.deepEqual((await outcome).context, { n: 2 })
  assert.deepEqual(runs, ['old', 'new'])
  assert.deepEqual(logged, ['lease_lost'])
})
