/**
 * Delivers for all topics of a bus, in microtasks: quick, and in the same order under any clock.
 * After a number of deliveries the event loop gets its turn, so that messages that set off messages
 * keep nobody else waiting.
 */
import type { Topic } from './topic.ts'

/** Deliveries between two turns of the event loop. */
const DELIVERIES_PER_TURN = 1_024

/** See the top of this file. */
export class DispatchLoop {
  #awake: Topic[] = []
  #isScheduled = false
  #budget = DELIVERIES_PER_TURN

  /** Has a topic delivered from soon. */
  wake(topic: Topic): void {
    topic.isAwake = true
    this.#awake.push(topic)
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#budget > 0) queueMicrotask(this.#run)
    else setImmediate(this.#nextTurn)
  }

  readonly #nextTurn = (): void => {
    this.#budget = DELIVERIES_PER_TURN
    this.#run()
  }

  readonly #run = (): void => {
    this.#isScheduled = false
    const topics = this.#awake
    this.#awake = []
    for (const topic of topics) {
      topic.isAwake = false
      this.#budget -= topic.deliver(this.#budget)
      if (topic.canDeliver && !topic.isAwake) this.wake(topic)
    }
  }
}
