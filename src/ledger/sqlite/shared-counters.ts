/**
 * Two numbers that the writer publishes and the reading side compares with what it finds in the
 * file, to notice writes of other processes without asking the writer.
 *
 * 1. The writer counts foreign commits at the start of each transaction, when nobody else can write.
 * 2. It publishes its own last number before COMMIT, so whatever lies above is foreign.
 */
export class SharedCounters {
  readonly #values: BigInt64Array

  constructor(buffer: SharedArrayBuffer) {
    this.#values = new BigInt64Array(buffer)
  }

  /** Memory for the two numbers. */
  static allocate(): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)
    new BigInt64Array(buffer)[TOP] = FRESH
    return buffer
  }

  /** True until a writer has published; a later writer goes on where the one before it stopped. */
  get isFresh(): boolean {
    return Atomics.load(this.#values, TOP) === FRESH
  }

  /** The writer: all commits up to `top` are known, `foreign` of them by others. */
  publish(top: number, foreign: number): void {
    Atomics.store(this.#values, FOREIGN, BigInt(foreign))
    Atomics.store(this.#values, TOP, BigInt(top))
  }

  /** The reader: how many foreign commits there are when the file's last one is `last`. */
  foreign(last: number): number {
    const top = Number(Atomics.load(this.#values, TOP))
    const known = Number(Atomics.load(this.#values, FOREIGN))
    return known + Math.max(0, last - top)
  }
}

const FRESH = -1n
const TOP = 0
const FOREIGN = 1
