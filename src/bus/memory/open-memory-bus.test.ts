import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import type { BusMessage } from '../bus.ts'
import { deadLetterTopic } from '../dead-letter.ts'
import { openMemoryBus } from './open-memory-bus.ts'

function messageOf(id: string, part: Partial<BusMessage> = {}): BusMessage {
  return { topic: 'work', id, key: '', headers: {}, content: new Uint8Array(0), ...part }
}

describe('openMemoryBus', () => {
  test('redelivers after pauses that double, by its clock', async () => {
    const clock = fakeClock()
    await using bus = openMemoryBus({ clock })
    const at: number[] = []
    await bus.consume(
      'work',
      () => {
        at.push(clock.monotonicMs())
        if (at.length < 6) throw new Error('not yet')
      },
      { redeliverMsMin: 10, redeliverMsMax: 60 },
    )
    await bus.send(messageOf('m-1'))
    await clock.advanceAsync(1_000)
    assert.deepEqual(at, [0, 10, 30, 70, 130, 190])
    assert.equal(clock.timers, 0)
  })

  test('keeps no timer while nothing waits for one', async () => {
    const clock = fakeClock()
    await using bus = openMemoryBus({ clock })
    const work = await bus.consume('work', () => {
      throw new Error('never')
    })
    await bus.send(messageOf('m-1'), { timeoutMs: 1_000 })
    await bus.idle()
    assert.equal(clock.timers, 1)
    await work.close()
    assert.equal(clock.timers, 0)
  })

  test('delivers the same way each time', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const clock = fakeClock()
        await using bus = openMemoryBus({ clock })
        const log: string[] = []
        for (const name of ['a', 'b']) {
          await bus.consume('work', async ({ message, count }) => {
            log.push(`${name}:${message.id}#${count}`)
            await Promise.resolve()
            if (message.id.endsWith('3') && count < 3) throw new Error('again')
          })
        }
        for (let n = 0; n < 20; n++) await bus.send(messageOf(`m-${n}`, { key: `k-${n % 3}` }))
        await clock.advanceAsync(10_000)
        return log
      }),
    )
    assert.ok((runs[0]?.length ?? 0) > 20)
    assert.deepEqual(runs[0], runs[1])
  })

  test('lets the event loop have its turn while messages set off messages', async () => {
    await using bus = openMemoryBus()
    let isOver = false
    let bounces = 0
    await bus.consume('work', async ({ message }) => {
      bounces++
      if (!isOver) await bus.send(message)
    })
    await bus.send(messageOf('ball'))
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 1))
    isOver = true
    assert.ok(bounces > 1)
    await bus.idle()
  })

  test('tells what still waits when it is closed', async () => {
    const left: string[] = []
    const bus = openMemoryBus({ onLeft: (messages) => left.push(...messages.map(({ id }) => id)) })
    const work = await bus.consume('work', ({ message }) =>
      message.id === 'bad' ? { kind: 'dead-letter', code: 'BAD', reason: '' } : undefined,
    )
    await bus.send(messageOf('bad'))
    await bus.send(messageOf('good'))
    await bus.idle()
    await work.close()
    await bus.send(messageOf('a-1', { key: 'a' }))
    await bus.send(messageOf('a-2', { key: 'a' }))
    await bus.close()
    assert.deepEqual(left.sort(), ['a-1', 'a-2', 'bad'])
  })

  test('an idle bus has nothing running and nothing ready', async () => {
    await using bus = openMemoryBus()
    await bus.idle()
    const log: string[] = []
    await bus.consume('work', async ({ message }) => {
      await new Promise((resolve) => setImmediate(resolve))
      log.push(message.id)
      if (message.id === 'm-1') await bus.send(messageOf('m-2'))
    })
    await bus.send(messageOf('m-1'))
    await bus.idle()
    assert.deepEqual(log, ['m-1', 'm-2'])
  })

  test('bounds what waits by bytes too', async () => {
    await using bus = openMemoryBus({ messagesWaitingBytesMax: 100, sendersWaitingMax: 1 })
    await (await bus.consume('work', () => undefined)).close()
    await bus.send(messageOf('m-1', { content: new Uint8Array(100) }))
    const waiting = bus.send(messageOf('m-2'))
    await assert.rejects(bus.send(messageOf('m-3')), (error) => codeOf(error) === 'BUS_OVERLOADED')
    await bus.consume('work', () => undefined)
    await waiting
  })

  test('a handler that answers at once needs no promise', async () => {
    await using bus = openMemoryBus()
    const log: string[] = []
    await bus.consume('work', ({ message }) => void log.push(message.id), { concurrency: 1 })
    for (let n = 0; n < 5; n++) await bus.send(messageOf(`m-${n}`, { key: 'k' }))
    await bus.idle()
    assert.deepEqual(log, ['m-0', 'm-1', 'm-2', 'm-3', 'm-4'])
  })

  test('whatever a handler returns at once settles its message', async () => {
    await using bus = openMemoryBus()
    const results: unknown[] = [undefined, null, 7, 'text', {}, [], () => 1]
    let calls = 0
    // What a handler without types may do.
    await bus.consume('work', () => results[calls++] as undefined)
    for (let n = 0; n < results.length; n++) await bus.send(messageOf(`m-${n}`, { key: 'k' }))
    await bus.idle()
    assert.equal(calls, results.length)
  })

  test('keeps many messages in order', async () => {
    await using bus = openMemoryBus()
    const log: number[] = []
    await (await bus.consume('work', () => undefined)).close()
    for (let n = 0; n < 5_000; n++) await bus.send(messageOf(String(n), { key: `k-${n % 2}` }))
    await bus.consume('work', ({ message }) => void log.push(Number(message.id)))
    await bus.idle()
    assert.equal(log.length, 5_000)
    for (const rest of [0, 1]) {
      const ofKey = log.filter((n) => n % 2 === rest)
      assert.deepEqual(
        ofKey,
        [...ofKey].sort((one, other) => one - other),
      )
    }
  })

  test('a bound that is none is refused', () => {
    for (const bound of [{ messagesWaitingMax: 0 }, { deadLettersMax: -1 }, { sendWaitMs: NaN }]) {
      assert.throws(
        () => openMemoryBus(bound),
        (error) => codeOf(error) === 'CONFIGURATION_INVALID',
      )
    }
  })

  test('keeps dead letters that nobody has asked for yet', async () => {
    await using bus = openMemoryBus()
    await bus.consume('work', () => ({ kind: 'dead-letter', code: 'BAD', reason: 'r' }))
    await bus.send(messageOf('m-1'))
    await bus.idle()
    const seen: string[] = []
    await bus.consume(deadLetterTopic('work'), ({ message }) => void seen.push(message.id))
    await bus.idle()
    assert.deepEqual(seen, ['m-1'])
  })
})
