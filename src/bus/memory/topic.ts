/**
 * A topic of the in-process bus: what waits on it, in which order, and who consumes it.
 *
 * 1. A letter is in one place: ready, behind another one of its key, pausing, or with a consumer.
 * 2. Of a key, one letter at most is not behind another: the lane of the key stands as long as
 *    that letter is not settled, whatever becomes of it meanwhile.
 * 3. `waiting` and `waitingBytes` count what is not with a consumer.
 */
import type { Clock } from '../../clock.ts'
import { limits } from '../../limits.ts'
import type { BusMessage, CloseOptions, GivenUp } from '../bus.ts'
import { Fifo } from './fifo.ts'
import type { Letter } from './letter.ts'
import { SendersWaiting } from './senders-waiting.ts'

/** Bounds of one topic. */
export type TopicBounds = {
  readonly waitingMax: number
  readonly waitingBytesMax: number
  readonly sendersMax: number
}

/** Who takes letters from a topic. */
export interface Taker {
  readonly isFree: boolean
  take(letter: Letter): void
  close(options?: CloseOptions): Promise<void>
}

/** What a topic needs of its bus. */
export type TopicHost = {
  readonly clock: Clock
  /** Has `deliver` called soon. */
  readonly wake: (topic: Topic) => void
  /** Puts a message among the dead letters; false when there is no room. */
  readonly bury: (letter: Letter, why: GivenUp) => boolean
}

/** See the top of this file. */
export class Topic {
  readonly name: string
  readonly bounds: TopicBounds
  readonly senders: SendersWaiting
  readonly #host: TopicHost
  readonly #ready = new Fifo<Letter>()
  readonly #lanes = new Map<string, Fifo<Letter> | undefined>()
  readonly #pausing = new Set<Letter>()
  #consumers: readonly Taker[] = []
  #turn = 0
  waiting = 0
  waitingBytes = 0
  /** Letters with consumers. */
  running = 0
  /** It stands in the line of topics to be delivered from. */
  isAwake = false

  constructor(name: string, bounds: TopicBounds, host: TopicHost) {
    this.name = name
    this.bounds = bounds
    this.#host = host
    this.senders = new SendersWaiting(this)
  }

  /** Whether a message can be taken without waiting. */
  hasRoom(): boolean {
    return this.waiting < this.bounds.waitingMax && this.waitingBytes < this.bounds.waitingBytesMax
  }

  /** Takes a message in. */
  admit(message: BusMessage): void {
    const letter: Letter = { message, count: 0, pause: undefined }
    this.#count(letter, 1)
    const { key } = message
    if (key !== '') {
      if (this.#lanes.has(key)) return this.#behind(key, letter)
      this.#lanes.set(key, undefined)
    }
    this.#ready.push(letter)
    this.wake()
  }

  /** Has what is ready delivered soon. */
  wake(): void {
    if (!this.isAwake) this.#host.wake(this)
  }

  /** Delivers what is ready to whoever is free; returns how many, `budget` at most. */
  deliver(budget: number): number {
    let delivered = 0
    while (delivered < budget && this.#ready.length > 0) {
      const consumer = this.#free()
      if (consumer === undefined) break
      const letter = this.#ready.shift()
      if (letter === undefined) break
      delivered++
      this.running++
      this.#count(letter, -1)
      if (this.senders.length > 0) this.senders.admit()
      consumer.take(letter)
    }
    return delivered
  }

  /** True when something is ready and somebody is free. */
  get canDeliver(): boolean {
    return this.#ready.length > 0 && this.#consumers.some((one) => one.isFree)
  }

  /** A letter is settled: what stands behind it is next. */
  settled(letter: Letter): void {
    this.running--
    this.#leave(letter)
    this.wake()
  }

  /** A letter comes back, to be delivered again after a pause. */
  again(letter: Letter, pauseMs: number): void {
    this.running--
    this.#count(letter, 1)
    this.#pausing.add(letter)
    letter.pause = this.#host.clock.after(pauseMs, () => {
      this.#pausing.delete(letter)
      letter.pause = undefined
      this.#ready.push(letter)
      this.wake()
    })
    this.wake()
  }

  /** A letter is given up; without room among the dead letters it pauses and comes again. */
  giveUp(letter: Letter, why: GivenUp, pauseMs: number): void {
    if (this.#host.bury(letter, why)) this.settled(letter)
    else this.again(letter, pauseMs)
  }

  /** Letters come back from a consumer that goes away. */
  giveBack(letters: readonly Letter[]): void {
    this.running -= letters.length
    for (const letter of letters) this.#count(letter, 1)
    this.#ready.unshift(letters)
    this.wake()
  }

  add(consumer: Taker): void {
    this.#consumers = [...this.#consumers, consumer]
    this.wake()
  }

  /** Without consumers nothing pauses: no timer outlives the last of them. */
  remove(consumer: Taker): void {
    this.#consumers = this.#consumers.filter((one) => one !== consumer)
    if (this.#consumers.length > 0) return
    const letters = [...this.#pausing]
    this.#pausing.clear()
    for (const letter of letters) {
      letter.pause?.cancel()
      letter.pause = undefined
    }
    this.#ready.unshift(letters)
  }

  get consumers(): readonly Taker[] {
    return this.#consumers
  }

  /** Takes everything that waits; the topic is not used again. */
  empty(): BusMessage[] {
    const behind = [...this.#lanes.values()].flatMap((lane) => lane?.drain() ?? [])
    return [...this.#pausing, ...this.#ready.drain(), ...behind].map(({ message }) => message)
  }

  #behind(key: string, letter: Letter): void {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = new Fifo()
      this.#lanes.set(key, lane)
    }
    lane.push(letter)
  }

  #leave({ message: { key } }: Letter): void {
    if (key === '') return
    const next = this.#lanes.get(key)?.shift()
    if (next === undefined) this.#lanes.delete(key)
    else this.#ready.push(next)
  }

  #free(): Taker | undefined {
    const consumers = this.#consumers
    for (let i = 0; i < consumers.length; i++) {
      this.#turn = (this.#turn + 1) % consumers.length
      const consumer = consumers[this.#turn]
      if (consumer?.isFree === true) return consumer
    }
    return undefined
  }

  #count(letter: Letter, by: 1 | -1): void {
    this.waiting += by
    this.waitingBytes += by * letter.message.content.length
  }
}

/** The bounds that hold unless a bus is opened with others. */
export const topicBounds: TopicBounds = Object.freeze({
  waitingMax: limits.messagesWaitingMax,
  waitingBytesMax: limits.messagesWaitingBytesMax,
  sendersMax: limits.sendersWaitingMax,
})
