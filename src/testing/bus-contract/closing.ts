/** Closing while there is work. */
import { strict as assert } from 'node:assert'
import { type ContractPart, fact, messageOf, rejectsWith } from './kit.ts'

export const closing: ContractPart = [
  fact('closing waits for handlers that run, and they may still send', async (kit) => {
    const answers = await kit.inbox({}, 'answers')
    const begun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const outcomes: string[] = []
    await kit.bus.consume('work', async ({ message }) => {
      begun.resolve()
      await goOn.promise
      await kit.bus.send({ ...message, topic: 'answers' })
      outcomes.push('sent')
    })
    await kit.send('m-1')
    await begun.promise
    const closed = kit.bus.close().then(() => outcomes.push('closed'))
    goOn.resolve()
    await closed
    assert.deepEqual(outcomes, ['sent', 'closed'])
    assert.deepEqual(answers.log, [])
  }),

  fact('handlers that take too long are aborted', async ({ bus, send, inbox }) => {
    const work = await inbox()
    await send('m-1')
    const held = await work.next()
    await bus.close({ drainMs: 1 })
    assert.equal(held.signal.aborted, true)
    held.settle()
  }),

  fact('a closed bus refuses everything with a code', async ({ bus, inbox }) => {
    await inbox()
    await bus.close()
    await rejectsWith(bus.send(messageOf('m-1')), 'BUS_CLOSED')
    await rejectsWith(
      bus.consume('work', () => undefined),
      'BUS_CLOSED',
    )
  }),

  fact('a bus that is being closed takes no consumers', async ({ bus, send, inbox }) => {
    const work = await inbox()
    await send('m-1')
    const held = await work.next()
    const closed = bus.close()
    await rejectsWith(
      bus.consume('work', () => undefined),
      'BUS_CLOSED',
    )
    held.settle()
    await closed
  }),

  fact('closing is fine twice, at once, and after a subscription was closed', async (kit) => {
    const work = await kit.inbox()
    await work.leave()
    await work.leave()
    await Promise.all([kit.bus.close(), kit.bus.close()])
    await kit.bus.close()
    await kit.bus[Symbol.asyncDispose]()
    await work.subscription?.[Symbol.asyncDispose]()
  }),

  fact(
    'senders that wait when the bus is closed are told',
    async ({ bus, send, inbox }) => {
      await (await inbox()).leave()
      await send('m-1')
      const waiting = rejectsWith(send('m-2'), 'BUS_CLOSED')
      await bus.close()
      await waiting
    },
    { messagesWaitingMax: 1, sendWaitMs: 10_000 },
  ),
]
