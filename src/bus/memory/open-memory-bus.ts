/**
 * The bus within one process. It is quick, keeps no timer while nothing waits for one, and delivers
 * in an order that depends on nothing but the order of the sends.
 *
 * It forgets with its process: what waits on it when it is closed is reported to `onLeft`, and what
 * waits when the process dies is gone. That is enough where both sides can begin anew, as saga
 * managers and participants do.
 */
import { type AbortOptions, runBounded, throwIfAborted } from '../../abort.ts'
import { type Clock, systemClock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
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
import { Consumer } from './consumer.ts'
import { DispatchLoop } from './dispatch-loop.ts'
import type { Letter } from './letter.ts'
import { Topic, topicBounds, type TopicHost } from './topic.ts'
import { turn } from '../../turn.ts'

/** How an in-process bus is opened. */
export type MemoryBusOptions = {
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Messages that may wait on one topic before senders wait. Default: 100,000. */
  readonly messagesWaitingMax?: number | undefined
  /** Bytes of contents that may wait on one topic before senders wait. Default: 256 MiB. */
  readonly messagesWaitingBytesMax?: number | undefined
  /** Senders that may wait for room on one topic. Default: 10,000. */
  readonly sendersWaitingMax?: number | undefined
  /** How long a sender waits for room. Default: 30,000. */
  readonly sendWaitMs?: number | undefined
  /** Dead letters kept for one topic before its failing messages wait. Default: 10,000. */
  readonly deadLettersMax?: number | undefined
  /** Told what still waited when the bus was closed. Default: nobody. */
  readonly onLeft?: ((messages: readonly BusMessage[]) => void) | undefined
}

/** An in-process bus. */
export interface MemoryBus extends Bus {
  /**
   * Resolves when no handler runs and nothing is ready for a consumer. Messages that pause before
   * they come again do not count, nor do those that nobody consumes.
   */
  idle(): Promise<void>
}

/** Opens a bus within this process. @throws CodedError `CONFIGURATION_INVALID` */
export function openMemoryBus(options: MemoryBusOptions = {}): MemoryBus {
  for (const name of BOUNDS) {
    const value = options[name]
    if (value !== undefined && !(value >= 1)) {
      throw codedError('CONFIGURATION_INVALID', { details: { [name]: value } })
    }
  }
  return new InProcessBus(options)
}

const BOUNDS = [
  'messagesWaitingMax',
  'messagesWaitingBytesMax',
  'sendersWaitingMax',
  'sendWaitMs',
  'deadLettersMax',
] as const

const SENT: Promise<void> = Promise.resolve()

class InProcessBus implements MemoryBus {
  readonly #options: MemoryBusOptions
  readonly #clock: Clock
  readonly #topics = new Map<string, Topic>()
  readonly #loop = new DispatchLoop()
  readonly #host: TopicHost
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closed: Promise<void> | undefined

  constructor(options: MemoryBusOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock()
    this.#host = {
      clock: this.#clock,
      wake: (topic) => this.#loop.wake(topic),
      bury: (letter, why) => this.#bury(letter, why),
    }
  }

  // Not async: a message that need not wait costs no promise.
  // oxlint-disable-next-line typescript/promise-function-async
  send(message: BusMessage, options?: AbortOptions): Promise<void> {
    try {
      this.#checkOpen(this.#state === 'closed')
      throwIfAborted(options?.signal)
      const checked = checkedMessage(message)
      const topic = this.#topics.get(checked.topic)
      if (topic === undefined) {
        throw codedError('MESSAGE_UNROUTABLE', { details: { topic: checked.topic } })
      }
      if (!topic.hasRoom() || topic.senders.length > 0) {
        return this.#sendLater(topic, checked, options)
      }
      topic.admit(checked)
      return SENT
    } catch (error) {
      // Everything thrown above is an Error.
      return Promise.reject(error as Error)
    }
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
    const settings = consumeSettings(options)
    const topic = this.#topic(name)
    const consumer = new Consumer(topic, handler, settings, this.#clock, signal)
    topic.add(consumer)
    return consumer
  }

  async idle(): Promise<void> {
    while ([...this.#topics.values()].some((topic) => topic.running > 0 || topic.canDeliver)) {
      await turn()
    }
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
    const topics = [...this.#topics.values()]
    const consumers = topics.flatMap((topic) => topic.consumers)
    await Promise.all(consumers.map((consumer) => consumer.close({ drainMs })))
    this.#state = 'closed'
    const left: BusMessage[] = []
    for (const topic of this.#topics.values()) {
      topic.senders.refuse(codedError('BUS_CLOSED'))
      left.push(...topic.empty())
    }
    this.#topics.clear()
    if (left.length > 0) this.#options.onLeft?.(left)
  }

  async #sendLater(topic: Topic, message: BusMessage, options?: AbortOptions): Promise<void> {
    const waitMs = this.#options.sendWaitMs ?? limits.sendWaitMs
    const isOwn = options?.timeoutMs === undefined || options.timeoutMs > waitMs
    const bounds = { signal: options?.signal, timeoutMs: isOwn ? waitMs : options.timeoutMs }
    let outer: AbortSignal | undefined
    try {
      await runBounded(bounds, this.#clock, (signal) => {
        outer = signal
        return topic.senders.join(message, signal)
      })
    } catch (error) {
      if (!isOwn || outer?.aborted !== true || options?.signal?.aborted === true) throw error
      throw codedError('BUS_OVERLOADED', { cause: error, details: { topic: topic.name, waitMs } })
    }
  }

  #bury(letter: Letter, why: GivenUp): boolean {
    const name = deadLetterTopic(letter.message.topic)
    const topic = this.#topic(name)
    if (topic.waiting >= (this.#options.deadLettersMax ?? limits.deadLettersMax)) return false
    topic.admit(deadLetterMessage({ ...why, message: letter.message, deliveries: letter.count }))
    return true
  }

  #topic(name: string): Topic {
    const existing = this.#topics.get(name)
    if (existing !== undefined) return existing
    const { messagesWaitingMax, messagesWaitingBytesMax, sendersWaitingMax } = this.#options
    const bounds = {
      waitingMax: messagesWaitingMax ?? topicBounds.waitingMax,
      waitingBytesMax: messagesWaitingBytesMax ?? topicBounds.waitingBytesMax,
      sendersMax: sendersWaitingMax ?? topicBounds.sendersMax,
    }
    const topic = new Topic(name, bounds, this.#host)
    this.#topics.set(name, topic)
    return topic
  }

  #checkOpen(isRefused: boolean): void {
    if (isRefused) throw codedError('BUS_CLOSED')
  }
}
