/** Requests to services and their replies, end to end over the bus. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BusMessage } from '../../src/bus/bus.ts'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { hostParticipant } from '../../src/participant/host-participant.ts'
import type { RequestInfo } from '../../src/participant/request-handler.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { until } from '../coordinator/until.ts'
import { listening, openSagas, sagaLedger } from './sagas.ts'

const ask = requestType<{ n: number }, { n: number }>('sums.add')
const askAgain = requestType<{ n: number }, { n: number }>('sums.double')
const add = new Saga<{ n: number }>('add')
  .remoteStep(({ n }) => ask({ n }), { name: 'first' })
  .onSuccess(async (_, reply) => await reply.content())
  .remoteStep(({ n }) => askAgain({ n }), { name: 'second' })
  .onSuccess(async (_, reply) => await reply.content())
  .commit()

test('a request carries who asks, and its reply goes to the topic of the service [minos-256, minos-257]', async () => {
  await using bus = openMemoryBus()
  const infos: RequestInfo[] = []
  await using _ = await hostParticipant({
    bus,
    service: 'sums',
    handlers: [
      handle(ask, ({ n }, info) => {
        infos.push(info)
        return { n: n + 1 }
      }),
      handle(askAgain, ({ n }) => ({ n: n * 2 })),
    ],
  })
  await using open = await openSagas({ definitions: [add], bus, service: 'order' })
  const outcome = await open.sagas.run(add, { n: 1 }, { id: 'a', user: 'ada' })
  assert.deepEqual(outcome.context, { n: 4 })
  assert.deepEqual(outcome.relatedServices, ['sums'])
  const [info] = infos
  assert.deepEqual(
    [info?.executionId, info?.path, info?.user, info?.idempotencyKey, info?.attempt],
    ['a', 'first', 'ada', 'a/first', 1],
  )
  assert.deepEqual([info?.headers['saga'], info?.headers['transactions']], ['a', undefined])
})

test('a saga waits for each reply, and its context is kept meanwhile [minos-183, minos-253]', async () => {
  const gate = Promise.withResolvers<void>()
  let asked = 0
  const participants = [
    handle(ask, async ({ n }) => {
      asked++
      await gate.promise
      return { n: n + 1 }
    }),
    handle(askAgain, ({ n }) => ({ n: n * 2 })),
  ]
  await using open = await openSagas({ definitions: [add], participants })
  const started = await open.sagas.start(add, { n: 1 }, { id: 'a' })
  await until(() => asked === 1)
  const waiting = await open.sagas.inspect('a')
  assert.deepEqual([waiting.context, waiting.forward], [{ n: 1 }, 'running'])
  gate.resolve()
  assert.deepEqual((await started.result()).context, { n: 4 })
  assert.equal(asked, 1)
})

test('replies that come twice, late, or for somebody else settle nothing [minos-B-04, minos-B-05]', async () => {
  await using bus = openMemoryBus()
  const replies: BusMessage[] = []
  const forwards = [
    ['sums.add', 1],
    ['sums.double', 10],
  ] as const
  for (const [topic, plus] of forwards) {
    await bus.consume(topic, async ({ message }) => {
      const n = Number(new TextDecoder().decode(message.content).match(/\d+/)?.[0]) + plus
      const reply = {
        ...message,
        topic: message.replyTo ?? '',
        status: 200,
        content: new TextEncoder().encode(`{"n":${n}}`),
      }
      replies.push(reply)
      // Every reply twice, and all that came before once more.
      for (const one of [reply, ...replies]) await bus.send(one)
      await bus.send({
        ...reply,
        headers: { ...reply.headers, saga: 'nobody', request: 'nobody/x' },
      })
    })
  }
  await using open = await openSagas({ definitions: [add], bus })
  const outcome = await open.sagas.run(add, { n: 1 }, { id: 'a' })
  assert.deepEqual(outcome.context, { n: 12 })
  for (const reply of replies) await bus.send(reply)
  await bus.idle()
  assert.deepEqual((await open.sagas.inspect('a')).context, { n: 12 })
  assert.equal((await open.sagas.inspect('a')).state, 'completed')
})

test('a request without a reply in time is undone, because it may have happened', async () => {
  await using bus = openMemoryBus()
  const undo = requestType<object>('sums.undo')
  await bus.consume('sums.add', () => undefined)
  const undone: string[] = []
  await using _ = await hostParticipant({
    bus,
    service: 'sums',
    handlers: [handle(undo, (_, info) => void undone.push(info.idempotencyKey))],
  })
  const saga = new Saga<{ n: number }>('slow')
    .remoteStep(({ n }) => ask({ n }), { name: 'first', attemptTimeoutMs: 10 })
    .onFailure(() => undo({}))
    .commit()
  await using open = await openSagas({ definitions: [saga], bus })
  const outcome = await open.sagas.run(saga, { n: 1 }, { id: 'a' })
  assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
  assert.equal(outcome.failure?.outcome, 'unknown')
  assert.deepEqual(undone, ['a/first/undo'])
})

test('a request that nobody serves fails its step with a code [minos-169, minos-254, minos-B-24]', async () => {
  const undone: string[] = []
  const saga = new Saga<{ n: number }>('lost')
    .localStep(() => undefined, { name: 'hold' })
    .onFailure(() => void undone.push('hold'))
    .remoteStep(({ n }) => ask({ n }), { name: 'first' })
    .commit()
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, { n: 1 })
  assert.deepEqual([outcome.forward, outcome.failure?.code], ['failed', 'MESSAGE_UNROUTABLE'])
  assert.deepEqual(undone, ['hold'])
})

test('an undo that cannot be sent leaves the execution stuck, with both errors [minos-216, minos-F11]', async () => {
  const nowhere = requestType<object>('nowhere.undo')
  const saga = new Saga<{ n: number }>('half')
    .remoteStep(({ n }) => ask({ n }), { name: 'first', undoRetry: 1 })
    .onFailure(() => nowhere({}))
    .localStep(() => {
      throw new Error('no')
    })
    .commit()
  const participants = [handle(ask, ({ n }) => ({ n }))]
  await using open = await openSagas({ definitions: [saga], participants })
  const outcome = await open.sagas.run(saga, { n: 1 })
  assert.deepEqual([outcome.backward, outcome.failure?.message], ['stuck', 'no'])
  assert.equal(outcome.items[0]?.failure?.code, 'MESSAGE_UNROUTABLE')
})

test('a request is on disk before it is sent, so that no reply can come too early [minos-B-17, minos-B-18]', async () => {
  await using home = await sagaLedger()
  const entries = async (): Promise<number> => {
    let count = 0
    for await (const chunk of home.ledger.log(0, { limit: 100 })) count += chunk.length
    return count
  }
  const seen: number[] = []
  const participants = [
    handle(ask, async ({ n }) => {
      seen.push(await entries())
      return { n }
    }),
    handle(askAgain, ({ n }) => ({ n })),
  ]
  const log = listening().log
  await using sagas = await openSagaManager({
    ledger: home.ledger,
    definitions: [add],
    participants,
    log,
  })
  await sagas.run(add, { n: 1 })
  assert.ok((seen[0] ?? 0) > 0)
})

test('undos are awaited one after the other, across services [minos-B-25]', async () => {
  const order: string[] = []
  const [undoOne, undoTwo] = [requestType('one.undo'), requestType('two.undo')]
  const saga = new Saga<{ n: number }>('ordered')
    .remoteStep(({ n }) => ask({ n }), { name: 'one' })
    .onFailure(() => undoOne({}))
    .remoteStep(({ n }) => askAgain({ n }), { name: 'two' })
    .onFailure(() => undoTwo({}))
    .localStep(() => {
      throw new Error('no')
    })
    .commit()
  const participants = [
    handle(ask, ({ n }) => ({ n })),
    handle(askAgain, ({ n }) => ({ n })),
    handle(undoOne, () => void order.push('one')),
    handle(undoTwo, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push('two')
    }),
  ]
  await using open = await openSagas({ definitions: [saga], participants })
  const outcome = await open.sagas.run(saga, { n: 1 })
  assert.deepEqual(order, ['two', 'one'])
  assert.deepEqual(outcome.undone, ['two.undo', 'one.undo'])
})

test('a branch that begins with a request waits for it, and leaves what it got [minos-194, minos-186]', async () => {
  const inner = new Saga<{ n: number }>('inner')
    .remoteStep(({ n }) => ask({ n }))
    .onSuccess(async (_, reply) => await reply.content())
    .commit()
  const saga = new Saga<{ n: number }>('outer')
    .conditionalStep()
    .ifThen(() => true, inner)
    .commit()
  await using open = await openSagas({
    definitions: [saga],
    participants: [handle(ask, ({ n }) => ({ n: n + 41 }))],
  })
  const outcome = await open.sagas.run(saga, { n: 1 })
  assert.deepEqual([outcome.context, outcome.relatedServices], [{ n: 42 }, ['saga']])
})

test('without a branch that fits the context stays as it was [minos-196]', async () => {
  const inner = new Saga<{ n: number }>('inner').localStep(() => ({ n: 0 })).commit()
  const saga = new Saga<{ n: number }>('outer')
    .conditionalStep()
    .ifThen(() => false, inner)
    .commit()
  await using open = await openSagas({ definitions: [saga] })
  assert.deepEqual((await open.sagas.run(saga, { n: 1 })).context, { n: 1 })
})

test('a reply whose content cannot be read fails its step, which is undone: it may have happened', async () => {
  await using bus = openMemoryBus()
  const undo = requestType<object>('sums.undo')
  await bus.consume('sums.add', async ({ message }) => {
    const content = new TextEncoder().encode('{"n":')
    await bus.send({ ...message, topic: message.replyTo ?? '', status: 200, content })
  })
  const undone: string[] = []
  await using _ = await hostParticipant({
    bus,
    service: 'sums',
    handlers: [handle(undo, (_, info) => void undone.push(info.idempotencyKey))],
  })
  const saga = new Saga<{ n: number }>('garbled')
    .remoteStep(({ n }) => ask({ n }), { name: 'first' })
    .onFailure(() => undo({}))
    .commit()
  await using open = await openSagas({ definitions: [saga], bus })
  const outcome = await open.sagas.run(saga, { n: 1 }, { id: 'a' })
  assert.deepEqual(
    [outcome.forward, outcome.backward, undone],
    ['failed', 'done', ['a/first/undo']],
  )
})

test('requests to a bus are answered to the process that runs the executions', async () => {
  await using home = await sagaLedger()
  await using bus = openMemoryBus()
  const log = listening().log
  const participants = [
    handle(ask, ({ n }) => ({ n: n + 1 })),
    handle(askAgain, ({ n }) => ({ n: n * 2 })),
  ]
  const parts = { ledger: home.ledger, definitions: [add], bus, log }
  const first = await openSagaManager({ ...parts, participants })
  await using second = await openSagaManager(parts)
  const outcomes = await Promise.all([1, 2, 3].map((n) => first.run(add, { n })))
  assert.deepEqual(
    outcomes.map(({ context }) => context?.n),
    [4, 6, 8],
  )
  assert.equal(second.status().state, 'standing-by')
  await first[Symbol.asyncDispose]()
})
