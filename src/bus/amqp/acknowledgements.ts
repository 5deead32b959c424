/**
 * Acknowledges what was handled, for one channel: many messages with one word, because every word costs
 * the broker as much as a message.
 *
 * 1. A message is acknowledged after it was done, at the next turn of the event loop, and never with
 *    one that is not: a word for many reaches from the oldest up to the first that is open.
 * 2. Those that are done behind an open one have a word each: it does not hold them up.
 */
import type { Channel, ConsumeMessage } from 'amqplib'

type Fetched = { readonly message: ConsumeMessage; state: 'open' | 'done' | 'told' }

/** See the top of this file. */
export class Acknowledgements {
  readonly #channel: Pick<Channel, 'ack'>
  /** In the order in which they came; those in front of `#first` are told. */
  #fetched: Fetched[] = []
  #first = 0
  #done: Fetched[] = []
  #isArmed = false

  constructor(channel: Pick<Channel, 'ack'>) {
    this.#channel = channel
  }

  /** A message came. Answers what to call when it is done. */
  add(message: ConsumeMessage): () => void {
    const fetched: Fetched = { message, state: 'open' }
    this.#fetched.push(fetched)
    return () => {
      if (fetched.state !== 'open') return
      fetched.state = 'done'
      this.#done.push(fetched)
      this.#arm()
    }
  }

  /** Tells the broker of all that is done. */
  flush(): void {
    const done = this.#done
    this.#done = []
    if (done.length === 0) return
    try {
      this.#tellTogether()
      for (const one of done) {
        if (one.state === 'told') continue
        one.state = 'told'
        this.#channel.ack(one.message)
      }
    } catch {
      // The channel is gone: the messages come again.
    }
  }

  #tellTogether(): void {
    let last: Fetched | undefined
    for (let one = this.#fetched[this.#first]; one !== undefined && one.state !== 'open';) {
      // One that was told for itself needs no word; those up to it may.
      if (one.state === 'done') last = one
      one.state = 'told'
      one = this.#fetched[++this.#first]
    }
    if (last !== undefined) this.#channel.ack(last.message, true)
    if (this.#first < KEPT_MAX) return
    this.#fetched = this.#fetched.slice(this.#first)
    this.#first = 0
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    setImmediate(() => {
      this.#isArmed = false
      this.flush()
    })
  }
}

const KEPT_MAX = 1_024
