/**
 * How far a component is: every position up to `low` is done, and some above it.
 *
 * 1. Positions are begun in ascending order and done in any order.
 * 2. `low` never moves back (P2).
 * 3. What was done above `low` before a restart is not begun again.
 */
import type { Position } from '../identity.ts'

/** Progress as it is written down: the low-water mark and the runs done above it. */
export type ProgressRecord = {
  readonly low: Position
  readonly done: readonly { readonly from: Position; readonly to: Position }[]
}

/** See the top of this file. */
export class Progress {
  /** Positions begun and not yet passed by the low-water mark, ascending. */
  #open: Position[] = []
  #head = 0
  readonly #done = new Set<Position>()
  readonly #doneBefore: ProgressRecord['done']
  #read: Position

  constructor(record: ProgressRecord) {
    this.#read = record.low
    this.#doneBefore = record.done
  }

  /** The last position looked at. */
  get read(): Position {
    return this.#read
  }

  /** Everything up to here is done. */
  get low(): Position {
    const first = this.#open[this.#head]
    return first === undefined ? this.#read : first - 1
  }

  /** Positions begun and not done. */
  get underWay(): number {
    return this.#open.length - this.#head - this.#done.size
  }

  /** Positions above the low-water mark that are kept in mind. */
  get ahead(): number {
    return this.#open.length - this.#head
  }

  /** Passes a position that does not concern the component. */
  pass(position: Position): void {
    this.#read = position
  }

  /** Begins a position; false when it was done before the restart. */
  begin(position: Position): boolean {
    this.#read = position
    if (this.#doneBefore.some(({ from, to }) => from <= position && position <= to)) return false
    this.#open.push(position)
    return true
  }

  /** Marks a position done; harmless when it was passed already. */
  finish(position: Position): void {
    const first = this.#open[this.#head]
    if (first === undefined || position < first) return
    this.#done.add(position)
    for (let at = this.#open[this.#head]; at !== undefined && this.#done.has(at);) {
      this.#done.delete(at)
      this.#head++
      at = this.#open[this.#head]
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#head)
      this.#head = 0
    }
  }

  /** What to write down. */
  record(): ProgressRecord {
    const done: { from: Position; to: Position }[] = []
    for (let i = this.#head; i < this.#open.length; i++) {
      const position = this.#open[i] ?? 0
      if (!this.#done.has(position)) continue
      const last = done.at(-1)
      // Positions between two neighbours of #open do not concern the component.
      if (last !== undefined && last.to === this.#open[i - 1]) last.to = position
      else done.push({ from: position, to: position })
    }
    const still = this.#doneBefore.filter(({ to }) => to > this.#read)
    return { low: this.low, done: [...done, ...still] }
  }
}
