/**
 * Sends messages to the broker.
 *
 * 1. Messages of a topic are published in the order in which they were offered, also after the
 *    connection was lost: what the broker has not confirmed is published again, first. So a message
 *    may come twice, and none is overtaken by a later one for the first time.
 * 2. `send` resolves when the broker has confirmed the message, and rejects when it was returned, or
 *    was not sent in time. What was published and is not confirmed in time is `SEND_OUTCOME_UNKNOWN`.
 * 3. What waits is bounded, in number and in time.
 */
import type { ConsumeMessage } from 'amqplib'
import { type AbortOptions, abortError, linkSignals } from '../../abort.ts'
import type { Timer } from '../../clock.ts'
import { type CodedError, codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { BusMessage } from '../bus.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { numbered, publicationOf, writeMessage } from './envelope.ts'
import { Line } from './line.ts'
import { newSending, type Sending } from './sending.ts'
import type { Session } from './session.ts'

/** See the top of this file. */
export class Outbox {
  readonly #settings: AmqpSettings
  readonly #lines = new Map<string, Line>()
  /** All that are not settled, those that were offered first at the front. */
  readonly #open = new Set<Sending>()
  /** Those that were published on this session, by number. */
  readonly #published = new Map<number, Sending>()
  readonly #heldBack = new Set<Line>()
  readonly #timers = new Map<Line, Timer>()
  #session: Session | undefined
  #number = 0
  #sweep: Timer | undefined
  #emptied: (() => void) | undefined
  #isClosed = false

  constructor(settings: AmqpSettings) {
    this.#settings = settings
  }

  /** Sends a message that was checked. */
  async send(message: BusMessage, options: AbortOptions = {}): Promise<void> {
    const { clock, sendWaitMs, sendersWaitingMax } = this.#settings
    const publication = writeMessage(message)
    const waiting = this.#open.size - this.#published.size
    if (waiting >= sendersWaitingMax) {
      throw codedError('BUS_OVERLOADED', { details: { topic: message.topic, senders: waiting } })
    }
    const untilMs = clock.monotonicMs() + sendWaitMs
    const { sending, sent } = newSending(message, publication, untilMs)
    this.#open.add(sending)
    const line = this.#line(message.topic)
    line.waiting.push(sending)
    this.#push(line)
    this.#watch()
    try {
      await (this.#isBounded(options) ? this.#bounded(sending, sent, options) : sent)
    } finally {
      this.#open.delete(sending)
      if (this.#open.size === 0) this.#emptied?.()
    }
  }

  /** There is a connection. */
  gained(session: Session): void {
    this.#session = session
    session.publisher.on('return', (returned: ConsumeMessage) => {
      const sending = this.#published.get(publicationOf(returned.properties))
      if (sending !== undefined) sending.isReturned = true
    })
    session.onUnblocked = () => this.#pushAll()
    this.#pushAll()
  }

  /** The connection is gone. */
  lost(): void {
    this.#session = undefined
    this.#published.clear()
    for (const line of this.#lines.values()) line.lost()
  }

  /** Refuses what waits, and waits for the broker's word on what was published. */
  async close(drainMs: number): Promise<void> {
    this.#isClosed = true
    for (const line of this.#lines.values()) line.refuse(codedError('BUS_CLOSED'))
    if (this.#published.size > 0) await this.#drain(drainMs)
    for (const sending of this.#open) {
      if (sending.state !== 'settled') sending.settle(codedError('SEND_OUTCOME_UNKNOWN'))
    }
    this.#sweep?.cancel()
    for (const timer of this.#timers.values()) timer.cancel()
  }

  async #drain(drainMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#emptied = resolve
    const timer = drainMs === Infinity ? undefined : this.#settings.clock.after(drainMs, resolve)
    await promise
    timer?.cancel()
  }

  #line(topic: string): Line {
    const existing = this.#lines.get(topic)
    if (existing !== undefined) return existing
    const line = new Line(topic)
    this.#lines.set(topic, line)
    return line
  }

  #pushAll(): void {
    for (const line of this.#lines.values()) this.#push(line)
  }

  /** Publishes what may be published. */
  #push(line: Line): void {
    const session = this.#session
    if (session === undefined || session.isOver || session.isBlocked) return
    while (line.waiting.length > 0) {
      if (this.#published.size >= limits.sendsInFlightMax) {
        this.#heldBack.add(line)
        return
      }
      if (line.room === 0) return this.#look(line, session)
      const sending = line.waiting.shift()
      if (sending === undefined || !this.#publish(line, sending, session)) return
    }
    if (line.isIdle && line.room === 0) this.#lines.delete(line.topic)
  }

  #publish(line: Line, sending: Sending, session: Session): boolean {
    const number = ++this.#number
    const { options, content } = numbered(sending.publication, number)
    line.room--
    try {
      const told = (error: unknown): void => this.#told(line, sending, number, error)
      session.publisher.publish('', session.queueOf(line.topic), content, options, told)
    } catch {
      // The connection is about to be reported lost.
      line.waiting.unshift([sending])
      return false
    }
    sending.number = number
    sending.state = 'published'
    sending.isReturned = false
    line.published.add(sending)
    this.#published.set(number, sending)
    return true
  }

  /** The broker has answered, or the channel has ended. */
  #told(line: Line, sending: Sending, number: number, error: unknown): void {
    if (error !== null && error !== undefined) {
      // Was it the channel? Then this is published again.
      queueMicrotask(() => {
        if (this.#published.get(number) !== sending) return
        this.#forget(line, sending)
        this.#settle(sending, codedError('SEND_OUTCOME_UNKNOWN', { cause: error }))
      })
      return
    }
    if (this.#published.get(number) !== sending) return
    this.#forget(line, sending)
    const { topic } = sending
    this.#settle(
      sending,
      sending.isReturned ? codedError('MESSAGE_UNROUTABLE', { details: { topic } }) : undefined,
    )
    for (const held of this.#heldBack) {
      if (this.#published.size >= limits.sendsInFlightMax) break
      this.#heldBack.delete(held)
      this.#push(held)
    }
    if (line.waiting.length > 0 && line.room === 0) this.#push(line)
  }

  #forget(line: Line, sending: Sending): void {
    this.#published.delete(sending.number)
    line.published.delete(sending)
  }

  #settle(sending: Sending, error?: CodedError): void {
    if (sending.state !== 'settled') sending.settle(error)
  }

  /** Looks for room; without any it is tried again, later and later. */
  #look(line: Line, session: Session): void {
    if (this.#timers.has(line)) return
    void line.look(session, this.#settings.messagesWaitingMax).then((result) => {
      if (result === 'busy' || this.#isClosed || line.waiting.length === 0) return
      // There may be another session by now.
      if (line.room > 0 || this.#session !== session) return this.#push(line)
      const pauseMs = Math.min(LOOK_AGAIN_MS_MIN * 2 ** line.emptyLooks, LOOK_AGAIN_MS_MAX)
      const timer = this.#settings.clock.after(pauseMs, () => {
        this.#timers.delete(line)
        this.#push(line)
      })
      this.#timers.set(line, timer)
    })
  }

  /** Gives up what has waited too long; the first one waits longest. */
  #watch(): void {
    if (this.#sweep !== undefined || this.#isClosed) return
    const [first] = this.#open
    if (first === undefined) return
    const { clock } = this.#settings
    this.#sweep = clock.after(Math.max(0, first.untilMs - clock.monotonicMs()), () => {
      this.#sweep = undefined
      const nowMs = clock.monotonicMs()
      for (const sending of this.#open) {
        if (sending.untilMs > nowMs) break
        this.#giveUp(sending, this.#tooLong(sending))
        this.#open.delete(sending)
      }
      this.#watch()
    })
    this.#sweep.unref?.()
  }

  #tooLong({ topic }: Sending): CodedError {
    const details = { topic, waitMs: this.#settings.sendWaitMs }
    return codedError(this.#session === undefined ? 'BUS_UNREACHABLE' : 'BUS_OVERLOADED', {
      details,
    })
  }

  /** Nothing was sent if it has only waited; else nobody knows. */
  #giveUp(sending: Sending, error: CodedError): void {
    const line = this.#lines.get(sending.topic)
    switch (sending.state) {
      case 'settled':
        return
      case 'waiting':
        line?.waiting.remove(sending)
        return sending.settle(error)
      case 'doubtful':
        line?.waiting.remove(sending)
        break
      case 'published':
    }
    sending.settle(codedError('SEND_OUTCOME_UNKNOWN', { cause: error }))
  }

  #isBounded({ signal, timeoutMs }: AbortOptions): boolean {
    return signal !== undefined || timeoutMs !== undefined
  }

  async #bounded(sending: Sending, sent: Promise<void>, options: AbortOptions): Promise<void> {
    using linked = linkSignals(options, this.#settings.clock)
    const { signal } = linked
    const giveUp = (): void => this.#giveUp(sending, abortError(signal))
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp)
    try {
      await sent
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }
}

const LOOK_AGAIN_MS_MIN = 5
const LOOK_AGAIN_MS_MAX = 250
