/**
 * The messages for one topic that are on their way to the broker, in the order in which they were
 * offered. Before they exceed what may wait on the topic, somebody has a look at how many do.
 */
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { Fifo } from '../memory/fifo.ts'
import type { Sending } from './sending.ts'
import type { Session } from './session.ts'

/** See the top of this file. */
export class Line {
  readonly topic: string
  readonly waiting: Fifo<Sending> = new Fifo<Sending>()
  readonly published: Set<Sending> = new Set<Sending>()
  /** Messages that may be published before the next look. */
  room = 0
  /** Looks that found no room, one after the other. */
  emptyLooks = 0
  #isLooking = false

  constructor(topic: string) {
    this.topic = topic
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.published.size === 0 && !this.#isLooking
  }

  /**
   * Finds out how much room there is. `busy`: that is being done already. Without the topic nothing
   * waits any more.
   */
  async look(session: Session, waitingMax: number): Promise<'looked' | 'busy' | 'failed'> {
    if (this.#isLooking) return 'busy'
    this.#isLooking = true
    try {
      const waiting = await session.waiting(this.topic)
      if (waiting === undefined) this.refuse(codedError('MESSAGE_UNROUTABLE', this.#details()))
      // What is published may be among those that wait, or come on top.
      const room = waitingMax - (waiting ?? 0) - this.published.size
      this.room = Math.max(0, Math.min(room, limits.sendsPerLookMax))
      this.emptyLooks = this.room > 0 ? 0 : this.emptyLooks + 1
      return 'looked'
    } catch {
      return 'failed'
    } finally {
      this.#isLooking = false
    }
  }

  /** The connection is lost: what was published comes first on the next one. */
  lost(): void {
    this.room = 0
    // Some were given up meanwhile.
    const doubtful = [...this.published].filter(({ state }) => state === 'published')
    for (const sending of doubtful) sending.state = 'doubtful'
    this.waiting.unshift(doubtful)
    this.published.clear()
  }

  /** Nothing that waits is sent any more. */
  refuse(error: Error): void {
    for (const sending of this.waiting.drain()) {
      const isDoubtful = sending.state === 'doubtful'
      sending.settle(isDoubtful ? codedError('SEND_OUTCOME_UNKNOWN', { cause: error }) : error)
    }
  }

  #details(): { readonly details: { readonly topic: string } } {
    return { details: { topic: this.topic } }
  }
}
