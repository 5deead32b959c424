/**
 * One connection to the broker, from its opening until it is lost. What it carries is lost with it;
 * whoever uses it begins anew on the next one.
 */
import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib'
import { codedError, messageOf } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { AmqpSettings } from './amqp-settings.ts'

/** See the top of this file. */
export class Session {
  /** Publishes; every publication is confirmed. */
  readonly publisher: ConfirmChannel
  readonly #model: ChannelModel
  readonly #settings: AmqpSettings
  readonly #isQuorum: boolean
  #looker: Promise<Channel> | undefined
  #looks: Promise<unknown> = Promise.resolve()
  #lost: ((error: unknown) => void) | undefined
  #isOver = false
  /** The broker has asked that nothing be published for the time being. */
  isBlocked = false
  /** Told when that is over. */
  onUnblocked: () => void = () => undefined

  constructor(model: ChannelModel, publisher: ConfirmChannel, settings: AmqpSettings) {
    this.#model = model
    this.publisher = publisher
    this.#settings = settings
    this.#isQuorum =
      (settings.queues ?? (hasQuorumQueues(model) ? 'quorum' : 'classic')) === 'quorum'
    let failure: unknown
    const note = (error: unknown): void => void (failure = error)
    model.on('error', note)
    publisher.on('error', note)
    model.on('close', () => this.#over(failure))
    publisher.on('close', () => this.#over(failure))
    model.on('blocked', () => (this.isBlocked = true))
    model.on('unblocked', () => {
      this.isBlocked = false
      this.onUnblocked()
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Calls back once when the connection is lost; not when it is closed from here. */
  onLost(lost: (error: unknown) => void): void {
    this.#lost = lost
  }

  /** The name of a topic's queue. */
  queueOf(topic: string): string {
    return this.#settings.prefix + topic
  }

  /** Makes a channel whose errors end it and nothing else. */
  async openChannel(): Promise<Channel> {
    const channel = await this.#model.createChannel()
    channel.on('error', () => undefined)
    return channel
  }

  /**
   * Makes sure that a topic has its queue. One consumer at a time is active on it.
   *
   * @throws CodedError `BUS_TOPIC_REFUSED`
   */
  async declare(channel: Channel, topic: string): Promise<void> {
    try {
      await channel.assertQueue(this.queueOf(topic), {
        durable: true,
        arguments: {
          'x-queue-type': this.#isQuorum ? 'quorum' : 'classic',
          'x-single-active-consumer': true,
        },
      })
    } catch (cause) {
      if (this.#isOver) throw cause
      const details = { topic, reason: messageOf(cause).slice(0, 500) }
      throw codedError('BUS_TOPIC_REFUSED', { cause, details })
    }
  }

  /** How many messages wait on a topic; `undefined` when it does not exist. */
  async waiting(topic: string): Promise<number | undefined> {
    const look = this.#looks.then(async () => await this.#look(topic))
    this.#looks = look.catch(() => undefined)
    return await look
  }

  /** Makes sure that a topic exists. */
  async create(topic: string): Promise<void> {
    const channel = await this.openChannel()
    await this.declare(channel, topic)
    await closeChannel(channel)
  }

  /** Closes the connection; one that does not answer is left alone. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    const answered = this.#model.close().catch(() => undefined)
    const tooLong = Promise.withResolvers<void>()
    const timer = this.#settings.clock.after(limits.connectTimeoutMs, tooLong.resolve)
    await Promise.race([answered, tooLong.promise])
    timer.cancel()
  }

  async #look(topic: string): Promise<number | undefined> {
    this.#looker ??= this.openChannel()
    const channel = await this.#looker
    try {
      return (await channel.checkQueue(this.queueOf(topic))).messageCount
    } catch (error) {
      // The broker has closed the channel.
      this.#looker = undefined
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  #over(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    // Only the publishing channel may be gone.
    this.#model.close().catch(() => undefined)
    this.#lost?.(error)
  }
}

/** Closes a channel. It never rejects, and does not wait for the answer of a connection that is lost. */
export async function closeChannel(channel: Channel): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  channel.once('close', resolve)
  channel.close().then(resolve, () => resolve())
  await promise
}

const NOT_FOUND = 404

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NOT_FOUND
}

function hasQuorumQueues(model: ChannelModel): boolean {
  const { product, version } = model.connection.serverProperties
  const [major = 0, minor = 0] = String(version).split('.').map(Number)
  return String(product) === 'RabbitMQ' && (major > 3 || (major === 3 && minor >= 8))
}
