/** Redelivery. */
import { strict as assert } from 'node:assert'
import { type ContractPart, fact, messageOf } from './kit.ts'

export const redelivery: ContractPart = [
  fact('a message whose handler rejects comes again, counted', async ({ send, inbox }) => {
    const work = await inbox()
    await send('m-1', { headers: { a: 'b' } })
    ;(await work.next()).fail()
    const again = await work.next()
    assert.equal(again.count, 2)
    assert.deepEqual(again.message.headers, { a: 'b' })
    again.settle()
  }),

  fact('a handler that throws at once has its message redelivered', async ({ bus, send }) => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const handler = ({ count }: { count: number }): void => {
      if (count < 3) throw new Error('not yet')
      resolve(count)
    }
    await bus.consume('work', handler, { redeliverMsMin: 0, redeliverMsMax: 1 })
    await send('m-1')
    assert.equal(await promise, 3)
  }),

  fact('a handler may throw anything', async ({ bus, send }) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const thrown: unknown[] = [undefined, null, 'text', { message: 7 }]
    await bus.consume(
      'work',
      async () => {
        await Promise.resolve()
        if (thrown.length === 0) return resolve()
        // That it is no Error is what the test is about.
        // oxlint-disable-next-line typescript/only-throw-error
        throw thrown.shift()
      },
      { redeliverMsMin: 0, redeliverMsMax: 1 },
    )
    await send('m-1')
    await promise
  }),

  fact('what a closed subscription held goes to another consumer', async ({ send, inbox }) => {
    const first = await inbox()
    await send('a-1', { key: 'a' })
    await send('a-2', { key: 'a' })
    const held = await first.next()
    const second = await inbox()
    await first.leave()
    assert.equal(held.signal.aborted, true)
    const again = await second.next()
    assert.equal(again.message.id, 'a-1')
    // What the first one does is too late to change anything.
    held.settle()
    await send('marker')
    assert.deepEqual(await second.settleNext(1), ['marker'])
    again.fail()
    assert.deepEqual(await second.settleNext(2), ['a-1', 'a-2'])
    assert.deepEqual(first.log, ['a-1'])
  }),

  fact('what a closed subscription had not begun goes to another one', async (kit) => {
    const first = await kit.inbox({ concurrency: 1, prefetch: 10 })
    for (const id of ['m-1', 'm-2', 'm-3']) await kit.send(id)
    const held = await first.next()
    const leaving = first.leave(10_000)
    const second = await kit.inbox({ concurrency: 1 })
    assert.deepEqual(await second.settleNext(2), ['m-2', 'm-3'])
    held.settle()
    await leaving
    assert.deepEqual(first.log, ['m-1'])
  }),

  fact('closing a subscription waits for the handlers that run', async ({ send, inbox }) => {
    const work = await inbox()
    await send('m-1')
    const held = await work.next()
    let isClosed = false
    const closing = work.leave(10_000).then(() => {
      isClosed = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isClosed, false)
    held.settle()
    await closing
    const second = await inbox()
    await send('m-2')
    assert.deepEqual(await second.settleNext(1), ['m-2'])
  }),

  fact('an aborted signal closes its subscription', async ({ bus, send, inbox }) => {
    const controller = new AbortController()
    const first = await inbox({ signal: controller.signal })
    await send('m-1')
    assert.deepEqual(await first.settleNext(1), ['m-1'])
    controller.abort()
    const second = await inbox()
    await bus.send(messageOf('m-2'))
    await bus.send(messageOf('m-3'))
    assert.deepEqual((await second.settleNext(2)).sort(), ['m-2', 'm-3'])
    assert.deepEqual(first.log, ['m-1'])
  }),
]
