/**
 * Frames on their way out: pushed by whoever has one, taken by the one stream that sends them.
 *
 * 1. Frames leave in the order in which they came.
 * 2. After the end nothing is taken in; what is in it still leaves.
 * 3. It is as long as its writers let it be: calls and answers are bounded by the session's credits.
 * 4. Frames that are ready at the same time leave as one, because a message on the wire costs more than
 *    what is in it. One bundle is no larger than `limits.bundleBytesMax`, more only for a single frame.
 */
import { limits } from '../../limits.ts'

/** How frames become one. */
export type Bundling<T> = {
  /** One frame that stands for several. */
  readonly join: (frames: T[]) => T
  /** About how many bytes a frame has. */
  readonly bytesOf: (frame: T) => number
}

/** A queue that one reader iterates once. */
export class FrameQueue<T> implements AsyncIterable<T> {
  readonly #bundling: Bundling<T> | undefined
  readonly #frames: T[] = []
  #ended = false
  #wake: (() => void) | undefined

  /** @param bundling default: every frame leaves alone */
  constructor(bundling?: Bundling<T>) {
    this.#bundling = bundling
  }

  /** Appends a frame; answers whether the queue still took it. */
  push(frame: T): boolean {
    if (this.#ended) return false
    this.#frames.push(frame)
    this.#wakeReader()
    return true
  }

  /** Lets the reader end when it has taken everything. */
  end(): void {
    this.#ended = true
    this.#wakeReader()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      // Taken as a batch: shifting one by one would move the rest each time.
      const batch = this.#frames.splice(0)
      if (this.#bundling === undefined) yield* batch
      else yield* bundles(batch, this.#bundling)
      if (this.#frames.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** The reader goes on when whoever runs at the moment is done: more frames may follow this one. */
  #wakeReader(): void {
    const wake = this.#wake
    if (wake === undefined) return
    this.#wake = undefined
    process.nextTick(wake)
  }
}

function* bundles<T>(frames: readonly T[], { join, bytesOf }: Bundling<T>): Generator<T> {
  let bundle: T[] = []
  let bytes = 0
  for (const frame of frames) {
    const more = bytesOf(frame)
    if (bundle.length > 0 && bytes + more > limits.bundleBytesMax) {
      yield one(bundle, join)
      bundle = []
      bytes = 0
    }
    bundle.push(frame)
    bytes += more
  }
  if (bundle.length > 0) yield one(bundle, join)
}

function one<T>(bundle: T[], join: (frames: T[]) => T): T {
  const [first] = bundle
  return bundle.length === 1 && first !== undefined ? first : join(bundle)
}
