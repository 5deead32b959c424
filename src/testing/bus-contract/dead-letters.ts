/** Dead letters. */
import { strict as assert } from 'node:assert'
import { type UndeliveredMessage, deadLetterOf, deadLetterTopic } from '../../bus/dead-letter.ts'
import { codedError } from '../../errors.ts'
import { type ContractPart, fact, type Held } from './kit.ts'

const DEAD = deadLetterTopic('work')

function letterOf(held: Held): UndeliveredMessage {
  const letter = deadLetterOf(held.message)
  assert.ok(letter)
  return letter
}

export const deadLetters: ContractPart = [
  fact('a message that fails too often becomes a dead letter', async ({ send, inbox }) => {
    const work = await inbox({ deliveriesMax: 3 })
    await send('a-1', { key: 'a', headers: { saga: 's' }, status: 200, replyTo: 'answers' })
    await send('a-2', { key: 'a' })
    for (let count = 1; count <= 3; count++) (await work.next()).fail(new Error('no way'))
    assert.deepEqual(await work.settleNext(1), ['a-2'])
    const dead = await inbox({}, DEAD)
    const held = await dead.next()
    assert.equal(held.message.topic, DEAD)
    const { message, ...why } = letterOf(held)
    assert.deepEqual(why, { code: 'HANDLER_FAILED', reason: 'no way', deliveries: 3 })
    assert.equal(message.topic, 'work')
    assert.equal(message.id, 'a-1')
    assert.equal(message.key, 'a')
    assert.equal(message.status, 200)
    assert.equal(message.replyTo, 'answers')
    assert.deepEqual(message.headers, { saga: 's' })
    assert.equal(new TextDecoder().decode(message.content), 'a-1')
    held.settle()
  }),

  fact('the code of a coded error is the code of the dead letter', async ({ send, inbox }) => {
    const work = await inbox({ deliveriesMax: 1 })
    const dead = await inbox({}, DEAD)
    await send('m-1')
    ;(await work.next()).fail(codedError('REQUEST_MALFORMED'))
    assert.equal(letterOf(await dead.next()).code, 'REQUEST_MALFORMED')
  }),

  fact('a handler can give a message up at once', async ({ send, inbox }) => {
    const work = await inbox()
    const dead = await inbox({}, DEAD)
    await send('m-1')
    ;(await work.next()).giveUp('UNREADABLE', 'no header')
    const letter = letterOf(await dead.next())
    assert.deepEqual(
      { code: letter.code, reason: letter.reason, deliveries: letter.deliveries },
      { code: 'UNREADABLE', reason: 'no header', deliveries: 1 },
    )
    assert.deepEqual(work.log, ['m-1'])
  }),

  fact('a dead letter can be sent again as it was', async ({ bus, send, inbox }) => {
    const work = await inbox()
    const dead = await inbox({}, DEAD)
    await send('m-1', { key: 'k', headers: { a: 'b' } })
    ;(await work.next()).giveUp('UNREADABLE', 'no header')
    const held = await dead.next()
    await bus.send(letterOf(held).message)
    held.settle()
    const again = await work.next()
    assert.equal(again.message.id, 'm-1')
    assert.equal(again.message.key, 'k')
    assert.deepEqual(again.message.headers, { a: 'b' })
    assert.equal(again.count, 1)
  }),

  fact('a dead letter is never given up', async ({ send, inbox }) => {
    const work = await inbox()
    const dead = await inbox({ deliveriesMax: 1 }, DEAD)
    await send('m-1')
    ;(await work.next()).giveUp('UNREADABLE', '')
    ;(await dead.next()).fail()
    ;(await dead.next()).giveUp('UNREADABLE', '')
    const held = await dead.next()
    assert.equal(held.message.id, 'm-1')
    assert.equal(letterOf(held).deliveries, 1)
  }),

  fact('a message may be redelivered without end', async ({ send, inbox }) => {
    const work = await inbox({ deliveriesMax: Infinity, redeliverMsMin: 0, redeliverMsMax: 0 })
    await send('m-1')
    for (let count = 1; count <= 25; count++) (await work.next()).fail()
    assert.equal((await work.next()).count, 26)
  }),

  fact(
    'without room for dead letters a failing message stays, and its key waits',
    async ({ send, inbox }) => {
      const work = await inbox({ deliveriesMax: 1 })
      for (const id of ['a-1', 'a-2', 'b-1', 'b-2']) await send(id, { key: id.slice(0, 1) })
      const first = [await work.next(), await work.next()]
      first.find(({ message }) => message.id === 'a-1')?.fail()
      // That the key goes on tells that the dead letter is kept.
      assert.deepEqual(await work.settleNext(1), ['a-2'])
      first.find(({ message }) => message.id === 'b-1')?.fail()
      const again = await work.next()
      assert.equal(again.message.id, 'b-1')
      const dead = await inbox({}, DEAD)
      assert.deepEqual(await dead.settleNext(1), ['a-1'])
      again.fail()
      for (let held = await work.next(); held.message.id !== 'b-2'; held = await work.next()) {
        assert.equal(held.message.id, 'b-1')
        held.fail()
      }
      assert.deepEqual(await dead.settleNext(1), ['b-1'])
    },
    { deadLettersMax: 1 },
  ),
]
