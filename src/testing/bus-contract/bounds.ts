/** Bounds: what is too much is refused, and said. */
import { strict as assert } from 'node:assert'
import { type ContractPart, fact, messageOf, rejectsWith } from './kit.ts'

export const bounds: ContractPart = [
  fact('a message to a topic that nobody ever consumed is refused', async (kit) => {
    await rejectsWith(kit.send('m-1'), 'MESSAGE_UNROUTABLE')
    const work = await kit.inbox()
    await kit.send('m-2')
    assert.deepEqual(await work.settleNext(1), ['m-2'])
    assert.deepEqual(work.log, ['m-2'])
  }),

  fact(
    'a sender that waits too long is told that nothing was sent',
    async ({ send, inbox }) => {
      await (await inbox()).leave()
      await send('m-1')
      await send('m-2')
      await rejectsWith(send('m-3'), 'BUS_OVERLOADED')
      const work = await inbox({ concurrency: 1 })
      assert.deepEqual(await work.settleNext(2), ['m-1', 'm-2'])
      await send('m-4')
      assert.deepEqual(await work.settleNext(1), ['m-4'])
    },
    { messagesWaitingMax: 2, sendWaitMs: 20 },
  ),

  fact(
    'senders that wait are served in their order when there is room',
    async ({ send, inbox }) => {
      await (await inbox()).leave()
      const ids = ['m-1', 'm-2', 'm-3', 'm-4', 'm-5']
      const sent = Promise.all(ids.map((id) => send(id, { key: 'k' })))
      const work = await inbox()
      assert.deepEqual(await work.settleNext(5), ids)
      await sent
    },
    { messagesWaitingMax: 1, sendWaitMs: 10_000 },
  ),

  fact(
    'a sender that gives up while it waits has sent nothing',
    async ({ bus, send, inbox }) => {
      await (await inbox()).leave()
      await send('m-1')
      const controller = new AbortController()
      const waiting = bus.send(messageOf('m-2'), { signal: controller.signal })
      controller.abort()
      await rejectsWith(waiting, 'ABORTED')
      await rejectsWith(bus.send(messageOf('m-3'), { timeoutMs: 5 }), 'DEADLINE_EXCEEDED')
      const work = await inbox({ concurrency: 1 })
      assert.deepEqual(await work.settleNext(1), ['m-1'])
      await send('m-4')
      assert.deepEqual(await work.settleNext(1), ['m-4'])
    },
    { messagesWaitingMax: 1, sendWaitMs: 10_000 },
  ),

  fact('an aborted signal refuses a send and a subscription', async ({ bus, inbox }) => {
    const work = await inbox()
    const signal = AbortSignal.abort()
    await rejectsWith(bus.send(messageOf('m-1'), { signal }), 'ABORTED')
    await rejectsWith(
      bus.consume('work', () => undefined, { signal }),
      'ABORTED',
    )
    await bus.send(messageOf('m-2'))
    assert.deepEqual(await work.settleNext(1), ['m-2'])
  }),
]
