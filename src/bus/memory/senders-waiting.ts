/** Senders that wait for room on a topic, in the order in which they came. */
import type { BusMessage } from '../bus.ts'
import { codedError } from '../../errors.ts'
import { Fifo } from './fifo.ts'

/** What a place in this line is on. */
type Admitting = {
  readonly name: string
  readonly bounds: { readonly sendersMax: number }
  hasRoom(): boolean
  admit(message: BusMessage): void
}

type Sender = {
  readonly message: BusMessage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** See the top of this file. */
export class SendersWaiting {
  readonly #topic: Admitting
  readonly #line = new Fifo<Sender>()

  constructor(topic: Admitting) {
    this.#topic = topic
  }

  get length(): number {
    return this.#line.length
  }

  /**
   * Resolves when the message has been admitted. When the signal aborts it leaves the line.
   *
   * @throws CodedError `BUS_OVERLOADED` when the line is full
   */
  join(message: BusMessage, signal: AbortSignal): Promise<void> {
    const { name, bounds } = this.#topic
    if (this.#line.length >= bounds.sendersMax) {
      const details = { topic: name, senders: this.#line.length }
      return Promise.reject(codedError('BUS_OVERLOADED', { details }))
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sender: Sender = { message, resolve, reject }
    this.#line.push(sender)
    const leave = (): void => void this.#line.remove(sender)
    signal.addEventListener('abort', leave)
    return promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** Admits as many as there is room for. */
  admit(): void {
    while (this.#topic.hasRoom()) {
      const sender = this.#line.shift()
      if (sender === undefined) return
      this.#topic.admit(sender.message)
      sender.resolve()
    }
  }

  /** Nobody will be admitted any more. */
  refuse(error: unknown): void {
    for (const sender of this.#line.drain()) sender.reject(error)
  }
}
