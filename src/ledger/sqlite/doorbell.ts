/**
 * Wakes a thread that sleeps on shared memory, which takes a tenth of the time that an event of its
 * loop takes. It says that there is something to fetch, not what.
 *
 * 1. Who is to be woken listens before it looks for messages, and rings come after messages: what
 *    was sent after the look ends the sleep at once.
 */
export class Doorbell {
  readonly #rings: Int32Array
  #heard = 0

  constructor(memory: SharedArrayBuffer) {
    this.#rings = new Int32Array(memory)
  }

  /** Memory for one bell. */
  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  }

  ring(): void {
    Atomics.add(this.#rings, 0, 1)
    Atomics.notify(this.#rings, 0)
  }

  /** From here on rings are news. */
  listen(): void {
    this.#heard = Atomics.load(this.#rings, 0)
  }

  /** Sleeps until it rings, or has rung since {@link listen}; false when the time is over first. */
  sleep(ms: number): boolean {
    return Atomics.wait(this.#rings, 0, this.#heard, ms) !== 'timed-out'
  }
}
