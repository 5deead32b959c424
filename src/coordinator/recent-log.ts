/**
 * The newest events of the log, in memory, for the components that keep up with it. A commit hands
 * its events over here; nobody polls for them.
 *
 * 1. What is held is the unbroken end of the log up to `tip`: an event that does not follow the
 *    last one (another process has written) throws away what was held before it.
 * 2. Who needs more than is held reads the ledger.
 */
import type { Position } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'

/** See the top of this file. */
export class RecentLog {
  readonly #capacity: number
  readonly #listeners = new Set<() => void>()
  #events: StoredEvent[] = []
  /** Position behind which everything up to `tip` is held. */
  #after: Position
  #tip: Position

  constructor(options: { readonly tip: Position; readonly capacity: number }) {
    this.#capacity = options.capacity
    this.#after = options.tip
    this.#tip = options.tip
  }

  /** The last position known to be given. */
  get tip(): Position {
    return this.#tip
  }

  /** Takes the events of one commit, in order. */
  push(events: readonly StoredEvent[]): void {
    const first = events[0]
    const last = events.at(-1)
    if (first === undefined || last === undefined || first.position <= this.#tip) return
    if (first.position !== this.#tip + 1) {
      this.#events = []
      this.#after = first.position - 1
    }
    for (const event of events) this.#events.push(event)
    this.#tip = last.position
    if (this.#events.length > this.#capacity * 2) this.#trim()
    this.#wake()
  }

  /** Learns that the log reaches further than was pushed here. */
  advance(tip: Position): void {
    if (tip <= this.#tip) return
    this.#events = []
    this.#after = tip
    this.#tip = tip
    this.#wake()
  }

  /** The events behind a position; `undefined` when they are not all held. */
  behind(position: Position, limit: number): readonly StoredEvent[] | undefined {
    if (position < this.#after) return undefined
    const start = this.#indexBehind(position)
    return this.#events.slice(start, start + limit)
  }

  /** Calls back whenever the log has grown; answers how to stop that. */
  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #wake(): void {
    for (const listener of this.#listeners) listener()
  }

  #trim(): void {
    const cut = this.#events.length - this.#capacity
    this.#after = this.#events[cut - 1]?.position ?? this.#after
    this.#events = this.#events.slice(cut)
  }

  /** Index of the first held event behind a position; positions may have gaps. */
  #indexBehind(position: Position): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.position ?? Infinity) <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
