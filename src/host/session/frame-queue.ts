/**
 * Frames on their way out: pushed by whoever has one, taken by the one stream that sends them.
 *
 * 1. Frames leave in the order in which they came.
 * 2. After the end nothing is taken in; what is in it still leaves.
 * 3. It is as long as its writers let it be: calls and answers are bounded by the session's credits.
 */

/** A queue that one reader iterates once. */
export class FrameQueue<T> implements AsyncIterable<T> {
  readonly #frames: T[] = []
  #ended = false
  #wake: (() => void) | undefined

  /** Appends a frame; answers whether the queue still took it. */
  push(frame: T): boolean {
    if (this.#ended) return false
    this.#frames.push(frame)
    this.#wake?.()
    return true
  }

  /** Lets the reader end when it has taken everything. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      // Taken as a batch: shifting one by one would move the rest each time.
      const batch = this.#frames.splice(0)
      yield* batch
      if (this.#frames.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}
