/** What the bus over RabbitMQ does when its broker, or another process, goes away. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connect } from 'amqplib'
import type { AmqpEvent } from '../../src/bus/amqp/amqp-settings.ts'
import { openAmqpBus } from '../../src/bus/amqp/open-amqp-bus.ts'
import type { BusMessage } from '../../src/bus/bus.ts'
import { deadLetterOf } from '../../src/bus/dead-letter.ts'
import { codeOf } from '../../src/errors.ts'
import { Inbox, messageOf } from '../../src/testing/bus-contract/kit.ts'
import { until } from '../coordinator/until.ts'
import { freePorts } from '../servers/free-ports.ts'
import { freshPrefix, openBus, rabbitForTests, urlOf } from './amqp-bus.ts'

const rabbit = await rabbitForTests()
const skip = rabbit.skip

const hasCode = (code: string) => (error: unknown) => codeOf(error) === code
const keyed = (id: string): BusMessage => messageOf(id, { key: id.slice(0, 1) })

async function restart(whileAway: () => Promise<void> = async () => undefined): Promise<void> {
  if (rabbit.kind === 'missing') return
  await rabbit.server.crash()
  await whileAway()
  await rabbit.server.start()
}

describe('when the broker is killed and started again', { skip }, () => {
  test('what was sent is still there, in its order, also when nobody was connected', async () => {
    const prefix = freshPrefix()
    const ids = ['a-1', 'b-1', 'a-2', 'b-2']
    {
      await using bus = await openBus(rabbit, { prefix })
      await (await bus.consume('work', () => undefined)).close()
      for (const id of ids) await bus.send(keyed(id))
    }
    await restart()
    await using bus = await openBus(rabbit, { prefix })
    const inbox = new Inbox()
    await bus.consume('work', inbox.receive, { concurrency: 1 })
    assert.deepEqual(await inbox.settleNext(4), ids)
  })

  test('messages that are offered meanwhile wait, and what was not settled comes again', async () => {
    const events: AmqpEvent['kind'][] = []
    await using bus = await openBus(rabbit, { onEvent: ({ kind }) => events.push(kind) })
    const inbox = new Inbox()
    await bus.consume('work', inbox.receive)
    await bus.send(keyed('a-1'))
    await bus.send(keyed('a-2'))
    const held = await inbox.next()
    const offered: Promise<void>[] = []
    await restart(async () => {
      assert.equal(bus.status(), 'reconnecting')
      for (const id of ['a-3', 'a-4', 'b-1']) offered.push(bus.send(keyed(id)))
    })
    await Promise.all(offered)
    assert.equal(bus.status(), 'connected')
    assert.deepEqual(events, ['lost', 'restored'])
    const other = await inbox.next()
    other.settle()
    assert.equal(other.message.id, 'b-1')
    // The hand that still has a-1 keeps its key, although it is too late to settle it.
    assert.deepEqual(inbox.log, ['a-1', 'b-1'])
    assert.equal(held.signal.aborted, false)
    held.settle()
    assert.deepEqual(await inbox.settleNext(4), ['a-1', 'a-2', 'a-3', 'a-4'])
  })

  test('what nobody has confirmed is sent again, and everything arrives in order per key', async () => {
    await using bus = await openBus(rabbit)
    const seen = new Map<string, number[]>(['a', 'b', 'c', 'd'].map((key) => [key, []]))
    const done = new Set<string>()
    await bus.consume('work', ({ message }) => {
      const [key = '', n = ''] = message.id.split('-')
      seen.get(key)?.push(Number(n))
      done.add(message.id)
    })
    let isEnough = false
    const send = async (key: string): Promise<number> => {
      let n = 0
      while (!isEnough) {
        const four = [n++, n++, n++, n++]
        await Promise.all(four.map((one) => bus.send(messageOf(`${key}-${one}`, { key }))))
      }
      return n
    }
    const sent = Promise.all([...seen.keys()].map(send))
    for (let kill = 0; kill < 2; kill++) {
      const before = done.size
      await until(() => done.size >= before + 50)
      await restart()
    }
    isEnough = true
    const count = (await sent).reduce((sum, one) => sum + one, 0)
    await until(() => done.size === count)
    for (const [key, numbers] of seen) {
      const firsts = [...new Set(numbers)]
      assert.deepEqual(
        firsts,
        [...firsts].sort((one, other) => one - other),
        key,
      )
    }
  })

  test('meanwhile topics can be consumed, buses closed, and senders are told what was not sent', async () => {
    await using bus = await openBus(rabbit)
    await using impatient = await openBus(rabbit, { sendWaitMs: 50, sendersWaitingMax: 1 })
    const closing = await openBus(rabbit)
    await closing.consume('work', () => undefined)
    const inbox = new Inbox()
    let consumed: Promise<unknown> | undefined
    await restart(async () => {
      consumed = bus.consume('work', inbox.receive)

      const waiting = assert.rejects(closing.send(messageOf('m-1')), hasCode('BUS_CLOSED'))
      await closing.close()
      await waiting
      assert.equal(closing.status(), 'closed')

      const first = assert.rejects(impatient.send(messageOf('m-1')), hasCode('BUS_UNREACHABLE'))
      await assert.rejects(impatient.send(messageOf('m-2')), hasCode('BUS_OVERLOADED'))
      await first
    })
    await consumed
    await bus.send(messageOf('m-1'))
    assert.deepEqual(await inbox.settleNext(1), ['m-1'])
  })
})

describe('several processes that consume one topic', { skip }, () => {
  test('stand by for each other: the next one goes on where the first has stopped', async () => {
    const prefix = freshPrefix()
    await using first = await openBus(rabbit, { prefix })
    await using second = await openBus(rabbit, { prefix })
    const [one, two] = [new Inbox(), new Inbox()]
    await first.consume('work', one.receive)
    await second.consume('work', two.receive)
    const ids = Array.from({ length: 20 }, (_, n) => `${n % 2 === 0 ? 'a' : 'b'}-${n}`)
    for (const id of ids) await second.send(keyed(id))
    const [a0, b1] = [await one.next(), await one.next()]
    a0.settle()
    const a2 = await one.next()
    // It stops while it is at work on b-1 and a-2, and waits for a-2 only.
    const closed = first.close({ drainMs: 30_000 })
    a2.settle()
    b1.settle()
    await closed
    const rest = await two.settleNext(17)
    for (const key of 'ab') {
      const numbers = rest.filter((id) => id.startsWith(key)).map((id) => Number(id.slice(2)))
      assert.deepEqual(
        numbers,
        [...numbers].sort((x, y) => x - y),
      )
    }
    assert.deepEqual(new Set([...one.log, ...two.log]), new Set(ids))
    assert.equal(one.log.length + two.log.length, ids.length)
  })

  test('get nothing while another one is still at work on a message of the key', async () => {
    const prefix = freshPrefix()
    await using first = await openBus(rabbit, { prefix })
    await using second = await openBus(rabbit, { prefix })
    const [one, two] = [new Inbox(), new Inbox()]
    const subscription = await first.consume('work', one.receive)
    await second.consume('work', two.receive)
    await first.send(keyed('a-1'))
    await first.send(keyed('a-2'))
    const held = await one.next()
    const closed = subscription.close({ drainMs: 30_000 })
    for (let turn = 0; turn < 20; turn++) await second.send(keyed(`b-${turn}`))
    assert.deepEqual(two.log, [])
    held.settle()
    await closed
    const next = await two.next()
    assert.equal(next.message.id, 'a-2')
    await second.close({ drainMs: 0 })
  })
})

describe('the bus over RabbitMQ', { skip }, () => {
  test('says with a code that it cannot be opened', async () => {
    const [port = 0] = await freePorts(1)
    const nobody = openAmqpBus({ url: `amqp://127.0.0.1:${port}`, openWaitMs: 20 })
    await assert.rejects(nobody, hasCode('BUS_UNREACHABLE'))
    const stranger = urlOf(rabbit).replace('guest:guest', 'guest:wrong')
    await assert.rejects(openAmqpBus({ url: stranger }), hasCode('BUS_UNREACHABLE'))
    const url = urlOf(rabbit)
    for (const bad of [
      { url: 'http://127.0.0.1' },
      { url: '' },
      { url, prefix: 'a b' },
      { url, sendWaitMs: 0 },
      { url, queues: 'both' as never },
    ]) {
      await assert.rejects(openAmqpBus(bad), hasCode('CONFIGURATION_INVALID'))
    }
  })

  test('says with a code that a queue is of another kind, and goes on with other topics', async () => {
    const prefix = freshPrefix()
    await using bus = await openBus(rabbit, { prefix })
    await bus.consume('work', () => undefined)
    await using other = await openBus(rabbit, { prefix, queues: 'classic' })
    await assert.rejects(
      other.consume('work', () => undefined),
      hasCode('BUS_TOPIC_REFUSED'),
    )
    const inbox = new Inbox()
    await other.consume('answers', inbox.receive)
    await other.send(messageOf('m-1', { topic: 'answers' }))
    assert.deepEqual(await inbox.settleNext(1), ['m-1'])
  })

  test('delivers what others have put on a queue, and keeps what nobody can read as a dead letter', async () => {
    const prefix = freshPrefix()
    await using bus = await openBus(rabbit, { prefix })
    const [work, dead] = [new Inbox(), new Inbox()]
    await bus.consume('work', work.receive)
    await bus.consume('work.dead', dead.receive)
    const connection = await connect(urlOf(rabbit))
    const channel = await connection.createConfirmChannel()
    channel.sendToQueue(`${prefix}work`, Buffer.from('hello'), { headers: { saga: 's-1', n: 7 } })
    await channel.waitForConfirms()
    await connection.close()
    const held = await work.next()
    assert.deepEqual(held.message.headers, { saga: 's-1', n: '7' })
    held.giveUp('REQUEST_MALFORMED', 'no request')
    const buried = await dead.next()
    buried.settle()
    const letter = deadLetterOf(buried.message)
    assert.equal(letter?.code, 'REQUEST_MALFORMED')
    assert.equal(new TextDecoder().decode(letter?.message.content), 'hello')
  })

  test('consumes a topic again whose queue was deleted', async () => {
    const prefix = freshPrefix()
    await using bus = await openBus(rabbit, { prefix })
    const inbox = new Inbox()
    await bus.consume('work', inbox.receive)
    const connection = await connect(urlOf(rabbit))
    const channel = await connection.createChannel()
    await channel.deleteQueue(`${prefix}work`)
    await connection.close()
    const sendUntilThere = async (): Promise<void> => {
      await bus.send(messageOf('m-1')).catch(async (error: unknown) => {
        // A queue that is being deleted takes no message, and says so in its own way.
        const away = ['MESSAGE_UNROUTABLE', 'SEND_OUTCOME_UNKNOWN']
        if (!away.includes(codeOf(error) ?? '')) throw error
        await new Promise((resolve) => setTimeout(resolve, 5))
        await sendUntilThere()
      })
    }
    await sendUntilThere()
    assert.deepEqual(await inbox.settleNext(1), ['m-1'])
  })
})
