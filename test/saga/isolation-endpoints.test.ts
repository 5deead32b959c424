/** What a service answers over the bus beside the requests of sagas; and what keeps pages from the reaper. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { openCoordinator } from '../../src/coordinator/open-coordinator.ts'
import { transactional } from '../../src/participant/transactional.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { decodeValue } from '../../src/wire/values/decode-value.ts'
import { encodeValue } from '../../src/wire/values/encode-value.ts'
import { ACCOUNT, account, bankHandlers, requestsTo } from './isolation-bank.ts'
import { openSagas, sagaLedger } from './sagas.ts'

test('a service tells over the bus how an execution stands, and what it has come to [minos-280]', async () => {
  await using bus = openMemoryBus()
  const good = new Saga<{ n: number }>('good').localStep(({ n }) => ({ n: n + 1 })).commit()
  const bad = new Saga<{ n: number }>('bad')
    .localStep(() => {
      throw new Error('no')
    })
    .commit()
  const wait = new Saga<{ n: number }>('wait').waitFor('go').commit()
  const definitions = [good, bad, wait]
  await using open = await openSagas({ definitions, bus, service: 'order-desk' })
  await open.sagas.run(good, { n: 1 }, { id: 'good-1' })
  await open.sagas.run(bad, { n: 1 }, { id: 'bad-1' })
  await open.sagas.start(wait, { n: 1 }, { id: 'wait-1' })
  let waiting = Promise.withResolvers<readonly [number | undefined, unknown]>()
  await bus.consume('me', ({ message: { status, content } }) =>
    waiting.resolve([status, decodeValue(content)]),
  )
  const ask = async (content: unknown): Promise<readonly [number | undefined, unknown]> => {
    waiting = Promise.withResolvers()
    const topic = '_GetOrder-DeskSagaExecution'
    const message = { topic, id: 'q', key: '', headers: {}, replyTo: 'me' }
    await bus.send({ ...message, content: encodeValue(content) })
    return await waiting.promise
  }
  const finished = { uuid: 'good-1', status: 'finished', context: { n: 2 } }
  assert.deepEqual(await ask('good-1'), [200, finished])
  assert.deepEqual(await ask({ uuid: 'good-1' }), [200, finished])
  assert.deepEqual(await ask('bad-1'), [200, { uuid: 'bad-1', status: 'errored' }])
  assert.deepEqual(await ask('wait-1'), [200, { uuid: 'wait-1', status: 'running' }])
  for (const [content, code] of [
    ['nobody', 'SAGA_EXECUTION_NOT_FOUND'],
    [7, 'REQUEST_CONTENT_INVALID'],
  ] as const) {
    const [status, said] = await ask(content)
    assert.deepEqual([status, Reflect.get(Object(said), 'error_code')], [400, code])
  }
})

test('what an execution has pending is not reaped while it goes on, where its manager knows the coordinator', async () => {
  for (const isKnown of [true, false]) {
    await using home = await sagaLedger()
    const { ledger } = home
    const clock = fakeClock()
    const log = (): void => undefined
    const coordinator = await openCoordinator({ ledger, components: [account], clock, log })
    const { deposit } = requestsTo('saga')
    const slow = new Saga<{ n: number }>('slow', { isolated: true, deadlineMs: 86_400_000 })
      .remoteStep(({ n }) => deposit({ account: 'a', amount: n }))
      .waitFor('go')
      .commit()
    const sagas = await openSagaManager({
      ledger,
      clock,
      log,
      definitions: [slow],
      participants: bankHandlers(transactional({ service: 'saga', coordinator })),
      coordinator: isKnown ? coordinator : undefined,
    })
    await sagas.start(slow, { n: 5 }, { id: 'slow-1' })
    await clock.advanceAsync(400_000)
    assert.equal(await coordinator.cascades.state('slow-1'), isKnown ? 'open' : 'rolled-back')
    await sagas.signal('slow-1', 'go')
    const ended = sagas.result('slow-1')
    let isOver = false
    void ended.finally(() => (isOver = true))
    while (!isOver) await clock.advanceAsync(100)
    // Reaped too early it is refused its reservation, and nothing is left of it.
    assert.equal((await ended).forward, isKnown ? 'completed' : 'failed')
    const pages = await coordinator.client(ACCOUNT).query('a').getPages()
    assert.equal(pages.length, 2)
    void sagas[Symbol.asyncDispose]()
    void coordinator[Symbol.asyncDispose]()
    await clock.advanceAsync(60_000)
  }
})
