import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, test } from 'node:test'
import type { Options } from 'amqplib'
import { codeOf } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { messageOf } from '../../testing/bus-contract/kit.ts'
import { amqpSettings } from './amqp-settings.ts'
import { Outbox } from './outbox.ts'
import type { Session } from './session.ts'

/** A broker that answers when the test says so: a real one cannot be asked to keep silent. */
class SilentBroker {
  readonly publisher: EventEmitter & { publish?: unknown } = new EventEmitter()
  readonly published: { id: string; options: Options.Publish; confirm: (error?: Error) => void }[] =
    []
  isOver = false
  isBlocked = false
  onUnblocked: () => void = () => undefined

  constructor() {
    this.publisher.publish = (
      _exchange: string,
      _queue: string,
      _content: Buffer,
      options: Options.Publish,
      told: (error: Error | null) => void,
    ): void => {
      const confirm = (error?: Error): void => told(error ?? null)
      this.published.push({ id: String(options.messageId), options, confirm })
    }
  }

  get ids(): string[] {
    return this.published.map(({ id }) => id)
  }

  queueOf(topic: string): string {
    return topic
  }

  async waiting(): Promise<number> {
    return 0
  }

  /** As much of a session as an outbox needs. */
  get session(): Session {
    return this as unknown as Session
  }
}

function outboxOn(broker: SilentBroker) {
  const clock = fakeClock()
  const outbox = new Outbox(amqpSettings({ url: 'amqp://localhost', clock, sendWaitMs: 100 }))
  outbox.gained(broker.session)
  const codes: Record<string, string> = {}
  const send = (id: string, signal?: AbortSignal): void => {
    outbox.send(messageOf(id), { signal }).then(
      () => (codes[id] = 'sent'),
      (error: unknown) => (codes[id] = codeOf(error)),
    )
  }
  return { clock, outbox, codes, send }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('an outbox', () => {
  test('says what the broker says of each message', async () => {
    const broker = new SilentBroker()
    const { codes, send } = outboxOn(broker)
    for (const id of ['m-1', 'm-2', 'm-3']) send(id)
    await turn()
    const [one, two, three] = broker.published
    one?.confirm()
    broker.publisher.emit('return', { properties: two?.options })
    two?.confirm()
    three?.confirm(new Error('message nacked'))
    await turn()
    assert.deepEqual(codes, {
      'm-1': 'sent',
      'm-2': 'MESSAGE_UNROUTABLE',
      'm-3': 'SEND_OUTCOME_UNKNOWN',
    })
  })

  test('publishes on the next connection what was not confirmed, before what came later', async () => {
    const broker = new SilentBroker()
    const { codes, send, outbox } = outboxOn(broker)
    for (const id of ['m-1', 'm-2', 'm-3']) send(id)
    await turn()
    broker.published[1]?.confirm()
    outbox.lost()
    for (const { confirm } of broker.published) confirm(new Error('channel closed'))
    send('m-4')
    const next = new SilentBroker()
    outbox.gained(next.session)
    await turn()
    assert.deepEqual(next.ids, ['m-1', 'm-3', 'm-4'])
    for (const { confirm } of next.published) confirm()
    await turn()
    assert.deepEqual(new Set(Object.values(codes)), new Set(['sent']))
  })

  test('does not know what became of a message that nobody has confirmed in time, nor sends it again', async () => {
    const broker = new SilentBroker()
    const { codes, send, outbox, clock } = outboxOn(broker)
    const controller = new AbortController()
    send('m-1')
    send('m-2', controller.signal)
    await turn()
    controller.abort()
    await clock.advanceAsync(100)
    assert.deepEqual(codes, { 'm-1': 'SEND_OUTCOME_UNKNOWN', 'm-2': 'SEND_OUTCOME_UNKNOWN' })
    outbox.lost()
    const next = new SilentBroker()
    outbox.gained(next.session)
    await turn()
    assert.deepEqual(next.ids, [])
  })

  test('has sent nothing of what has only waited', async () => {
    const broker = new SilentBroker()
    broker.isBlocked = true
    const { codes, send, clock } = outboxOn(broker)
    const controller = new AbortController()
    send('m-1', controller.signal)
    send('m-2')
    await turn()
    controller.abort()
    await clock.advanceAsync(100)
    assert.deepEqual(codes, { 'm-1': 'ABORTED', 'm-2': 'BUS_OVERLOADED' })
    assert.deepEqual(broker.ids, [])
    send('m-3')
    broker.isBlocked = false
    broker.onUnblocked()
    await turn()
    assert.deepEqual(broker.ids, ['m-3'])
  })

  test('gives the broker so many at a time', async () => {
    const broker = new SilentBroker()
    const { send } = outboxOn(broker)
    const max = limits.sendsInFlightMax
    for (let n = 0; n < max + 10; n++) send(`m-${n}`)
    for (let looks = 0; looks < 5; looks++) await turn()
    assert.equal(broker.published.length, max)
    broker.published[0]?.confirm()
    await turn()
    assert.equal(broker.published.length, max + 1)
  })

  test('leaves nothing behind when it is closed', async () => {
    const broker = new SilentBroker()
    const { codes, send, outbox, clock } = outboxOn(broker)
    send('m-1')
    await turn()
    broker.isBlocked = true
    send('m-2')
    const closed = outbox.close(50)
    await clock.advanceAsync(50)
    await closed
    await turn()
    assert.deepEqual(codes, { 'm-1': 'SEND_OUTCOME_UNKNOWN', 'm-2': 'BUS_CLOSED' })
    assert.equal(clock.timers, 0)
  })
})
