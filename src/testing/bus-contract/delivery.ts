/** Delivery: at least once, to whoever consumes. */
import { strict as assert } from 'node:assert'
import { bytes, type ContractPart, fact, messageOf } from './kit.ts'

export const delivery: ContractPart = [
  fact('a message arrives as it was sent', async ({ bus, inbox }) => {
    const work = await inbox()
    const message = messageOf('m-1', {
      key: 'order-42',
      headers: { saga: 'trip-1', empty: '', text: 'grüße, 世界' },
      content: Uint8Array.from({ length: 256 }, (_, n) => n),
      status: 400,
      replyTo: 'answers',
    })
    await bus.send(message)
    const held = await work.next()
    assert.deepEqual(held.message.headers, message.headers)
    assert.deepEqual([...held.message.content], [...message.content])
    const { topic, id, key, status, replyTo } = held.message
    assert.deepEqual(
      { topic, id, key, status, replyTo },
      { topic: 'work', id: 'm-1', key: 'order-42', status: 400, replyTo: 'answers' },
    )
    assert.equal(held.count, 1)
    assert.equal(held.signal.aborted, false)
    held.settle()
  }),

  fact('a message without content, status and answer arrives without them', async (kit) => {
    const work = await kit.inbox()
    await kit.send('m-1', { content: new Uint8Array(0) })
    const { message } = await work.next()
    assert.equal(message.content.length, 0)
    assert.equal(message.status, undefined)
    assert.equal(message.replyTo, undefined)
  }),

  fact('a message travels as it stood when it was sent', async ({ bus, inbox }) => {
    const work = await inbox()
    const content = bytes('before')
    const headers = { state: 'before' }
    const sent = bus.send(messageOf('m-1', { content, headers }))
    content.set(bytes('after!'))
    headers.state = 'after'
    await sent
    const { message } = await work.next()
    assert.equal(new TextDecoder().decode(message.content), 'before')
    assert.equal(message.headers['state'], 'before')
  }),

  fact('a message that is sent twice is delivered twice', async ({ send, inbox }) => {
    const work = await inbox()
    await send('same')
    await send('same')
    assert.deepEqual(await work.settleNext(2), ['same', 'same'])
  }),

  fact('consumers of one topic share its messages', async ({ send, inbox }) => {
    const workers = [await inbox(), await inbox()]
    const all = Array.from({ length: 20 }, (_, n) => `m-${n}`)
    for (const id of all) await send(id)
    const seen = new Set<string>()
    const { promise, resolve } = Promise.withResolvers<void>()
    const drain = async (n: number): Promise<void> => {
      for (;;) {
        const held = await workers[n]?.next()
        held?.settle()
        seen.add(held?.message.id ?? '')
        if (seen.size === all.length) resolve()
      }
    }
    void drain(0)
    void drain(1)
    await promise
    assert.deepEqual([...seen].sort(), [...all].sort())
    assert.equal(
      workers.reduce((sum, { log }) => sum + log.length, 0),
      all.length,
    )
  }),

  fact('a topic keeps its messages while nobody consumes it', async ({ send, inbox }) => {
    const first = await inbox()
    await first.leave()
    await send('m-1')
    await send('m-2')
    const second = await inbox({ concurrency: 1 })
    assert.deepEqual(await second.settleNext(2), ['m-1', 'm-2'])
    assert.deepEqual(first.log, [])
  }),

  fact('a settled message does not come again', async ({ send, inbox }) => {
    const first = await inbox()
    await send('m-1')
    assert.deepEqual(await first.settleNext(1), ['m-1'])
    await first.leave(1_000)
    const second = await inbox()
    await send('m-2')
    assert.deepEqual(await second.settleNext(1), ['m-2'])
  }),

  fact('a handler can answer to where an answer is expected', async ({ bus, send, inbox }) => {
    const answers = await inbox({}, 'answers')
    await bus.consume('work', async ({ message }) => {
      await bus.send({ ...message, topic: message.replyTo ?? '', replyTo: undefined, status: 200 })
    })
    for (const id of ['m-1', 'm-2', 'm-3']) await send(id, { key: 'k', replyTo: 'answers' })
    for (const id of ['m-1', 'm-2', 'm-3']) {
      const held = await answers.next()
      held.settle()
      assert.equal(held.message.id, id)
      assert.equal(held.message.status, 200)
    }
  }),

  fact('a consumer is given as many messages at a time as it takes', async ({ send, inbox }) => {
    const work = await inbox({ concurrency: 3, prefetch: 1 })
    for (let n = 0; n < 8; n++) await send(`m-${n}`)
    const held = [await work.next(), await work.next(), await work.next()]
    assert.equal(work.log.length, 3)
    held[1]?.settle()
    await work.next()
    assert.equal(work.log.length, 4)
  }),
]
