/** How many executions may be at work, and who waits for a place. First come, first served. */
import { codedError } from '../../errors.ts'

/** See the top of this file. */
export class Capacity {
  readonly #placesMax: number
  readonly #waitingMax: number
  #taken = 0
  #waiting: PromiseWithResolvers<void>[] = []
  #firstWaiting = 0

  constructor(placesMax: number, waitingMax: number) {
    this.#placesMax = placesMax
    this.#waitingMax = waitingMax
  }

  /** Places that are taken. */
  get taken(): number {
    return this.#taken
  }

  /** Those that wait for a place. */
  get waiting(): number {
    return this.#waiting.length - this.#firstWaiting
  }

  /** Takes a place if one is free. */
  take(): boolean {
    if (this.#taken >= this.#placesMax || this.waiting > 0) return false
    this.#taken++
    return true
  }

  /** Takes a place although none may be free: for what must go on. */
  takeAnyway(): void {
    this.#taken++
  }

  /** Waits for a place and takes it. @throws CodedError `SAGA_OVERLOADED` */
  async wait(): Promise<void> {
    if (this.waiting >= this.#waitingMax) {
      throw codedError('SAGA_OVERLOADED', { details: { waiting: this.waiting } })
    }
    const place = Promise.withResolvers<void>()
    this.#waiting.push(place)
    await place.promise
  }

  /** Gives a place back. */
  give(): void {
    this.#taken--
    while (this.#taken < this.#placesMax && this.waiting > 0) {
      this.#taken++
      this.#waiting[this.#firstWaiting++]?.resolve()
      if (this.#firstWaiting > 1_000) {
        this.#waiting = this.#waiting.slice(this.#firstWaiting)
        this.#firstWaiting = 0
      }
    }
  }

  /** Tells those that wait that there is no place to come. */
  close(error: unknown): void {
    const waiting = this.#waiting.slice(this.#firstWaiting)
    this.#waiting = []
    this.#firstWaiting = 0
    for (const { reject } of waiting) reject(error)
  }
}
