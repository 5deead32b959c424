/**
 * The bus over RabbitMQ (AMQP 0.9.1). A topic is a durable queue of its name; what `send` has
 * resolved for is on the broker's disk, and on most of its nodes if there are several.
 *
 * What holds beyond one process:
 *
 * 1. The processes that consume one topic do not share its messages: one of them is served, the
 *    others stand by and go on when it is gone, with what it has not settled. So the order of a key
 *    holds over all of them. Handlers of one process run concurrently.
 * 2. A process that has lost its connection may still be at work on a message when another one gets
 *    it: handlers must be idempotent, as those of a participant are.
 * 3. A message that fails keeps its key waiting, and takes a place among those that are fetched
 *    (`concurrency` and `prefetch` together, as the first subscription of the process says). Where
 *    all of them wait behind failing ones, other keys wait too.
 * 4. Deliveries are counted by the process that makes them: the count begins anew in the next one.
 * 5. While the broker is away, messages that are offered wait, so long as `sendWaitMs` and
 *    `sendersWaitingMax` allow; those that were published without an answer are published again.
 * 6. A queue is bounded by the number of its messages, not by their bytes: the broker keeps them on
 *    its disk, and holds all senders back when that is short.
 */
import { type AbortOptions, throwIfAborted } from '../../abort.ts'
import { codedError } from '../../errors.ts'
import type {
  Bus,
  BusMessage,
  CloseOptions,
  ConsumeOptions,
  GivenUp,
  MessageHandler,
  Subscription,
} from '../bus.ts'
import { checkedMessage, checkTopic } from '../check-message.ts'
import { consumeSettings, drainMsOf } from '../consume-settings.ts'
import { deadLetterMessage, deadLetterTopic } from '../dead-letter.ts'
import { DispatchLoop } from '../memory/dispatch-loop.ts'
import { type AmqpBusOptions, type AmqpSettings, amqpSettings } from './amqp-settings.ts'
import { FetchedTopic } from './fetched-topic.ts'
import { Link } from './link.ts'
import { Outbox } from './outbox.ts'
import type { Session } from './session.ts'

/** A bus over RabbitMQ. */
export interface AmqpBus extends Bus {
  /** How the connection to the broker is. */
  status(): 'connected' | 'reconnecting' | 'closed'
}

/**
 * Opens a bus over RabbitMQ; `amqplib` must be installed.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, `BUS_UNREACHABLE`, `BUS_DRIVER_MISSING`
 */
export async function openAmqpBus(options: AmqpBusOptions): Promise<AmqpBus> {
  const bus = new RabbitBus(amqpSettings(options))
  await bus.open()
  return bus
}

class RabbitBus implements AmqpBus {
  readonly #settings: AmqpSettings
  readonly #topics = new Map<string, FetchedTopic>()
  readonly #outbox: Outbox
  readonly #link: Link
  readonly #loop = new DispatchLoop()
  #session = Promise.withResolvers<Session>()
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closed: Promise<void> | undefined

  constructor(settings: AmqpSettings) {
    this.#settings = settings
    this.#outbox = new Outbox(settings)
    this.#session.promise.catch(() => undefined)
    this.#link = new Link(settings, {
      gained: (session) => {
        this.#session.resolve(session)
        this.#outbox.gained(session)
        for (const topic of this.#topics.values()) topic.gained(session)
      },
      lost: () => {
        this.#session = Promise.withResolvers<Session>()
        this.#session.promise.catch(() => undefined)
        if (this.#state !== 'open') this.#session.reject(codedError('BUS_CLOSED'))
        for (const topic of this.#topics.values()) topic.lost()
        this.#outbox.lost()
      },
    })
  }

  async open(): Promise<void> {
    try {
      await this.#link.open()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  status(): 'connected' | 'reconnecting' | 'closed' {
    if (this.#state === 'closed') return 'closed'
    return this.#link.session === undefined ? 'reconnecting' : 'connected'
  }

  async send(message: BusMessage, options?: AbortOptions): Promise<void> {
    this.#checkOpen(this.#state === 'closed')
    throwIfAborted(options?.signal)
    await this.#outbox.send(checkedMessage(message), options)
  }

  async consume(
    name: string,
    handler: MessageHandler,
    options: ConsumeOptions = {},
  ): Promise<Subscription> {
    this.#checkOpen(this.#state !== 'open')
    checkTopic('topic', name)
    if (typeof handler !== 'function') {
      throw codedError('CONFIGURATION_INVALID', { details: { handler: typeof handler } })
    }
    const { signal } = options
    throwIfAborted(signal)
    return await this.#topic(name).subscribe(handler, consumeSettings(options), signal)
  }

  close(options?: CloseOptions): Promise<void> {
    this.#closed ??= this.#close(drainMsOf(options))
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(drainMs: number): Promise<void> {
    this.#state = 'closing'
    const closed = codedError('BUS_CLOSED')
    if (this.#link.session === undefined) this.#session.reject(closed)
    await Promise.all([...this.#topics.values()].map((topic) => topic.close({ drainMs })))
    this.#state = 'closed'
    await this.#outbox.close(this.#link.session === undefined ? 0 : drainMs)
    await this.#link.close()
  }

  async #bury(message: BusMessage, why: GivenUp, deliveries: number): Promise<void> {
    const topic = deadLetterTopic(message.topic)
    const session = await this.#session.promise
    const waiting = await session.waiting(topic)
    if (waiting === undefined) await session.create(topic)
    else if (waiting >= this.#settings.deadLettersMax) {
      throw codedError('BUS_OVERLOADED', { details: { topic, waiting } })
    }
    await this.#outbox.send(deadLetterMessage({ ...why, message, deliveries }))
  }

  #topic(name: string): FetchedTopic {
    const existing = this.#topics.get(name)
    if (existing !== undefined) return existing
    const topic = new FetchedTopic(name, {
      settings: this.#settings,
      wake: (local) => this.#loop.wake(local),
      session: () => this.#session.promise,
      bury: (message, why, deliveries) => this.#bury(message, why, deliveries),
    })
    this.#topics.set(name, topic)
    return topic
  }

  #checkOpen(isRefused: boolean): void {
    if (isRefused) throw codedError('BUS_CLOSED')
  }
}
