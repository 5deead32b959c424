/** Order per key. */
import { strict as assert } from 'node:assert'
import { type ContractPart, fact, type Inbox } from './kit.ts'

export const order: ContractPart = [
  fact('messages of a key come in the order in which they were sent', async ({ send, inbox }) => {
    const work = await inbox()
    const ids = Array.from({ length: 50 }, (_, n) => `m-${n}`)
    // Nobody waits for one send before the next one.
    await Promise.all(ids.map((id) => send(id, { key: 'k' })))
    assert.deepEqual(await work.settleNext(50), ids)
  }),

  fact('of a key one message at a time is with a handler', async ({ send, inbox }) => {
    const workers = [await inbox(), await inbox()]
    for (let n = 0; n < 6; n++) await send(`m-${n}`, { key: 'k' })
    await send('marker')
    const log: string[] = []
    let running = 0
    const work = async (worker: Inbox): Promise<void> => {
      while (log.length < 6) {
        const held = await worker.next()
        if (held.message.id !== 'marker') {
          running++
          assert.equal(running, 1)
          await new Promise((resolve) => setImmediate(resolve))
          running--
          log.push(held.message.id)
        }
        held.settle()
        if (log.length === 6) done.resolve()
      }
    }
    const done = Promise.withResolvers<void>()
    for (const worker of workers) work(worker).catch(done.reject)
    await done.promise
    assert.deepEqual(log, ['m-0', 'm-1', 'm-2', 'm-3', 'm-4', 'm-5'])
  }),

  fact('what has another key, or none, does not wait', async ({ send, inbox }) => {
    const work = await inbox()
    await send('a-1', { key: 'a' })
    const held = await work.next()
    await send('a-2', { key: 'a' })
    await send('b-1', { key: 'b' })
    await send('none-1')
    await send('none-2')
    const others = [await work.next(), await work.next(), await work.next()]
    assert.deepEqual(others.map(({ message }) => message.id).sort(), ['b-1', 'none-1', 'none-2'])
    held.settle()
    assert.equal((await work.next()).message.id, 'a-2')
  }),

  fact('what is behind a failing message of its key waits for it', async ({ send, inbox }) => {
    const work = await inbox()
    await send('a-1', { key: 'a' })
    await send('a-2', { key: 'a' })
    for (let count = 1; count <= 3; count++) {
      const held = await work.next()
      assert.equal(held.message.id, 'a-1')
      if (count < 3) held.fail()
      else held.settle()
    }
    assert.deepEqual(await work.settleNext(1), ['a-2'])
    assert.deepEqual(work.log, ['a-1', 'a-1#2', 'a-1#3', 'a-2'])
  }),

  fact('other keys go on while a message is redelivered', async ({ send, inbox }) => {
    // Long enough for a bus that fetches from elsewhere.
    const work = await inbox({ redeliverMsMin: 1_000, redeliverMsMax: 1_000 })
    await send('a-1', { key: 'a' })
    ;(await work.next()).fail()
    await send('b-1', { key: 'b' })
    await send('b-2', { key: 'b' })
    assert.deepEqual(await work.settleNext(2), ['b-1', 'b-2'])
    assert.deepEqual(await work.settleNext(1), ['a-1'])
  }),

  fact('a key keeps its order when its consumer goes away', async ({ send, inbox }) => {
    const first = await inbox()
    for (const id of ['a-1', 'a-2', 'a-3']) await send(id, { key: 'a' })
    await first.next()
    await first.leave()
    const second = await inbox()
    assert.deepEqual(await second.settleNext(3), ['a-1', 'a-2', 'a-3'])
    assert.deepEqual(first.log, ['a-1'])
  }),
]
