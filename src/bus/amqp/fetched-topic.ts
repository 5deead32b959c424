/**
 * The messages of one topic that this process has fetched, and those who handle them here.
 *
 * 1. Only one process at a time gets the messages of a topic: the broker keeps one consumer of a
 *    queue active, and the next one begins when that is gone, with what it has not settled. Within
 *    the process a topic of the in-process bus keeps the order of each key.
 * 2. A message is acknowledged after its handler, or after the broker has its dead letter.
 * 3. When the connection is lost, what was fetched on it is worth nothing any more: it comes again.
 *    What a handler still has in its hands keeps its key until it ends; what waits is passed over.
 * 4. The last subscription takes the channel along, not only the consumer: so nobody else gets a
 *    message before what was held here is given back.
 */
import type { Channel, ConsumeMessage } from 'amqplib'
import { runBounded } from '../../abort.ts'
import { codeOf, codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type {
  BusMessage,
  CloseOptions,
  Delivery,
  GivenUp,
  MessageHandler,
  Subscription,
} from '../bus.ts'
import type { ConsumeSettings } from '../consume-settings.ts'
import { givenUpAfter, isDeadLetterTopic } from '../dead-letter.ts'
import { Consumer } from '../memory/consumer.ts'
import { Topic, type TopicHost } from '../memory/topic.ts'
import { Acknowledgements } from './acknowledgements.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { readMessage } from './envelope.ts'
import { closeChannel, type Session } from './session.ts'

/** What a topic needs of its bus. */
export type FetchedTopicHost = {
  readonly settings: AmqpSettings
  readonly wake: TopicHost['wake']
  /** The session there is, or the next one. Rejects when the bus is closed. */
  readonly session: () => Promise<Session>
  /** Puts a message among the dead letters. Rejects when that cannot be done. */
  readonly bury: (message: BusMessage, why: GivenUp, deliveries: number) => Promise<void>
}

/** A message as it was fetched. */
type Fetched = { readonly channel: Channel; readonly done: () => void }

/** See the top of this file. */
export class FetchedTopic {
  readonly name: string
  readonly #host: FetchedTopicHost
  readonly #fetched = new WeakMap<BusMessage, Fetched>()
  readonly #subscriptions = new Set<Subscription>()
  #local: Topic
  #channel: Channel | undefined
  #acknowledgements: Acknowledgements | undefined
  #windowSize = 0
  /** Opening and closing of the channel, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(name: string, host: FetchedTopicHost) {
    this.name = name
    this.#host = host
    this.#local = this.#newLocal()
  }

  /** Adds a handler. */
  async subscribe(
    handler: MessageHandler,
    settings: ConsumeSettings,
    signal: AbortSignal | undefined,
  ): Promise<Subscription> {
    return await this.#inTurn(async () => {
      if (this.#subscriptions.size === 0) {
        this.#windowSize = Math.min(settings.concurrency + settings.prefetch, WINDOW_MAX)
      }
      while (this.#channel === undefined) {
        const session = await this.#host.session()
        await this.#attach(session).catch((error: unknown) => {
          // On the next session, then.
          if (!session.isOver) throw error
        })
      }
      return this.#add(handler, settings, signal)
    })
  }

  /** There is a new session. */
  gained(session: Session): void {
    void this.#inTurn(async () => {
      if (this.#subscriptions.size > 0 && this.#channel === undefined)
        await this.#keepAttached(session)
    })
  }

  /** The session is gone, and what was fetched on it. */
  lost(): void {
    this.#channel = undefined
  }

  async close(options: CloseOptions): Promise<void> {
    await Promise.all([...this.#subscriptions].map((one) => one.close(options)))
    await this.#turn
  }

  #add(
    handler: MessageHandler,
    settings: ConsumeSettings,
    signal: AbortSignal | undefined,
  ): Subscription {
    const handle = (delivery: Delivery): Promise<void> => this.#handle(handler, settings, delivery)
    // What is given up is given up here, where one can wait for the broker.
    const endless = { ...settings, deliveriesMax: Infinity }
    const local = this.#local
    const consumer = new Consumer(local, handle, endless, this.#host.settings.clock, undefined)
    let closed: Promise<void> | undefined
    const close = (options?: CloseOptions): Promise<void> => {
      closed ??= this.#leave(consumer, subscription, options).finally(() =>
        signal?.removeEventListener('abort', onAbort),
      )
      return closed
    }
    const onAbort = (): void => void close()
    const subscription: Subscription = {
      topic: this.name,
      close,
      [Symbol.asyncDispose]: () => close(),
    }
    this.#subscriptions.add(subscription)
    local.add(consumer)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) onAbort()
    return subscription
  }

  async #leave(
    consumer: Consumer,
    subscription: Subscription,
    options?: CloseOptions,
  ): Promise<void> {
    await consumer.close(options)
    this.#subscriptions.delete(subscription)
    await this.#inTurn(async () => {
      if (this.#subscriptions.size > 0) return
      const channel = this.#channel
      this.#channel = undefined
      this.#local = this.#newLocal()
      this.#acknowledgements?.flush()
      if (channel !== undefined) await closeChannel(channel)
    })
  }

  /** Opens a channel and fetches. @throws CodedError `BUS_TOPIC_REFUSED` */
  async #attach(session: Session): Promise<void> {
    const channel = await session.openChannel()
    try {
      // The server may never answer for a queue that it cannot find any more.
      const bounds = { timeoutMs: limits.brokerWaitMs }
      await runBounded(bounds, this.#host.settings.clock, () => this.#fetch(channel, session))
    } catch (cause) {
      this.#channel = undefined
      void closeChannel(channel)
      if (codeOf(cause) === 'BUS_TOPIC_REFUSED') throw cause
      throw codedError('BUS_TOPIC_REFUSED', { cause, details: { topic: this.name } })
    }
  }

  async #fetch(channel: Channel, session: Session): Promise<void> {
    await session.declare(channel, this.name)
    await channel.prefetch(this.#windowSize)
    this.#channel = channel
    this.#acknowledgements = new Acknowledgements(channel)
    channel.on('close', () => this.#ended(channel, session))
    await channel.consume(session.queueOf(this.name), (message) => {
      if (message !== null) this.#take(channel, message)
      // The broker has taken the consumer away: its queue was deleted, or its node has gone.
      else void closeChannel(channel)
    })
  }

  async #keepAttached(session: Session): Promise<void> {
    for (let attempt = 0; !session.isOver && this.#subscriptions.size > 0; attempt++) {
      try {
        return await this.#attach(session)
      } catch (error) {
        if (session.isOver) return
        this.#host.settings.tell({ kind: 'topic-refused', topic: this.name, error })
        const pauseMs = Math.min(ATTACH_MS_MIN * 2 ** Math.min(attempt, 20), ATTACH_MS_MAX)
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#host.settings.clock.after(pauseMs, resolve).unref?.()
        await promise
      }
    }
  }

  /** The channel is gone, not from here: with its session, or alone. */
  #ended(channel: Channel, session: Session): void {
    if (this.#channel !== channel) return
    this.#channel = undefined
    if (!session.isOver) this.gained(session)
  }

  #take(channel: Channel, message: ConsumeMessage): void {
    if (this.#channel !== channel) return
    const read = readMessage(this.name, message.properties, message.content)
    const done = this.#acknowledgements?.add(message)
    if (done === undefined) return
    this.#fetched.set(read, { channel, done })
    this.#local.admit(read)
  }

  async #handle(
    handler: MessageHandler,
    settings: ConsumeSettings,
    delivery: Delivery,
  ): Promise<void> {
    const { message, count } = delivery
    const fetched = this.#fetched.get(message)
    if (fetched === undefined || fetched.channel !== this.#channel) return
    const givenUp = await this.#result(handler, settings, delivery)
    // It was given back meanwhile, and belongs to somebody else.
    if (delivery.signal.aborted) return
    if (givenUp !== undefined) {
      if (isDeadLetterTopic(this.name)) throw codedError('BUS_OVERLOADED')
      await this.#host.bury(message, givenUp, count)
      if (delivery.signal.aborted) return
    }
    this.#acknowledge(fetched)
  }

  /** Why the message is given up, if it is. Rejects when it has to come again. */
  async #result(
    handler: MessageHandler,
    { deliveriesMax }: ConsumeSettings,
    delivery: Delivery,
  ): Promise<GivenUp | undefined> {
    // No bus of ours sends such a one.
    if (delivery.message.content.length > limits.messageBytesMax && !isDeadLetterTopic(this.name)) {
      return givenUpAfter(codedError('MESSAGE_TOO_LARGE'))
    }
    try {
      const result = await handler(delivery)
      return result?.kind === 'dead-letter' ? result : undefined
    } catch (error) {
      if (delivery.count < deliveriesMax || isDeadLetterTopic(this.name)) throw error
      return givenUpAfter(error)
    }
  }

  #acknowledge({ channel, done }: Fetched): void {
    if (channel === this.#channel) done()
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return await done
  }

  #newLocal(): Topic {
    const { settings, wake } = this.#host
    const bounds = { waitingMax: Infinity, waitingBytesMax: Infinity, sendersMax: 0 }
    return new Topic(this.name, bounds, { clock: settings.clock, wake, bury: () => false })
  }
}

/** The most that AMQP can say. */
const WINDOW_MAX = 65_535
const ATTACH_MS_MIN = 50
const ATTACH_MS_MAX = 2_000
