/**
 * A consumer of a topic of the in-process bus: calls the handler, and settles what it was given.
 *
 * 1. Every letter taken is settled, comes again, is given up or is given back, exactly once.
 * 2. What a handler does after its letter was given back changes nothing.
 */
import { isPromise } from '../../awaitable.ts'
import type { Clock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { CloseOptions, Delivery, GivenUp, MessageHandler, Subscription } from '../bus.ts'
import { type ConsumeSettings, drainMsOf, redeliverMs } from '../consume-settings.ts'
import { givenUpAfter, isDeadLetterTopic } from '../dead-letter.ts'
import type { Letter } from './letter.ts'
import type { Taker, Topic } from './topic.ts'
import { turn } from '../../turn.ts'

/** See the top of this file. */
export class Consumer implements Subscription, Taker {
  readonly #topic: Topic
  readonly #handler: MessageHandler
  readonly #settings: ConsumeSettings
  readonly #clock: Clock
  readonly #running = new Set<Hand>()
  #closed: Promise<void> | undefined
  #drained: (() => void) | undefined

  readonly #signal: AbortSignal | undefined

  constructor(
    topic: Topic,
    handler: MessageHandler,
    settings: ConsumeSettings,
    clock: Clock,
    signal: AbortSignal | undefined,
  ) {
    this.#topic = topic
    this.#handler = handler
    this.#settings = settings
    this.#clock = clock
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => void this.close()

  get topic(): string {
    return this.#topic.name
  }

  get isFree(): boolean {
    return this.#running.size < this.#settings.concurrency
  }

  /** Calls the handler. */
  take(letter: Letter): void {
    letter.count++
    const hand = new Hand(letter)
    this.#running.add(hand)
    try {
      const result = this.#handler(hand)
      if (isPromise(result)) {
        Promise.resolve(result).then(
          (givenUp) => this.#handled(hand, givenUp),
          (error: unknown) => this.#failed(hand, error),
        )
      } else this.#handled(hand, result)
    } catch (error) {
      this.#failed(hand, error)
    }
  }

  close(options?: CloseOptions): Promise<void> {
    this.#closed ??= this.#close(drainMsOf(options))
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // A handler without a result resolves to nothing.
  // oxlint-disable-next-line typescript/no-invalid-void-type
  #handled(hand: Hand, result: void | GivenUp): void {
    if (!this.#release(hand)) return
    if (result?.kind === 'dead-letter') this.#giveUp(hand.letter, result)
    else this.#topic.settled(hand.letter)
  }

  #failed(hand: Hand, error: unknown): void {
    if (!this.#release(hand)) return
    const { letter } = hand
    if (letter.count >= this.#settings.deliveriesMax) this.#giveUp(letter, givenUpAfter(error))
    else this.#topic.again(letter, redeliverMs(this.#settings, letter.count))
  }

  #giveUp(letter: Letter, why: GivenUp): void {
    const { redeliverMsMax } = this.#settings
    if (isDeadLetterTopic(this.#topic.name)) this.#topic.again(letter, redeliverMsMax)
    else this.#topic.giveUp(letter, why, redeliverMsMax)
  }

  #release(hand: Hand): boolean {
    if (!this.#running.delete(hand)) return false
    if (this.#running.size === 0) this.#drained?.()
    return true
  }

  async #close(drainMs: number): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#topic.remove(this)
    if (this.#running.size === 0) return
    if (drainMs > 0) await this.#drain(drainMs)
    // Who is done already may say so.
    else await turn()
    const left = [...this.#running]
    this.#running.clear()
    this.#topic.giveBack(left.map(({ letter }) => letter))
    for (const hand of left) hand.abort(codedError('DEADLINE_EXCEEDED', { details: { drainMs } }))
  }

  async #drain(drainMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#drained = resolve
    const timer = drainMs === Infinity ? undefined : this.#clock.after(drainMs, resolve)
    await promise
    timer?.cancel()
  }
}

/** A letter in the hands of a handler. */
class Hand implements Delivery {
  readonly letter: Letter
  readonly count: number
  #controller: AbortController | undefined

  constructor(letter: Letter) {
    this.letter = letter
    this.count = letter.count
  }

  get message(): Delivery['message'] {
    return this.letter.message
  }

  /** Made when somebody asks for it: most handlers do not. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }
}
