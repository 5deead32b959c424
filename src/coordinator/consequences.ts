/**
 * What is still being done because of a workflow, by its correlation id. A client of this process
 * that reads after it has written sees what its own commands have brought about, as it would if it
 * had done everything itself.
 */
import type { Clock } from '../clock.ts'

/** See the top of this file. */
export class Consequences {
  readonly #underWay = new Map<string, number>()
  readonly #waiting = new Map<string, (() => void)[]>()

  /** A reaction belonging to a workflow is about to run. */
  began(correlationId: string): void {
    if (correlationId === '') return
    this.#underWay.set(correlationId, (this.#underWay.get(correlationId) ?? 0) + 1)
  }

  /** A reaction and all that it emitted is done, or given up. */
  ended(correlationId: string): void {
    const count = this.#underWay.get(correlationId)
    if (count === undefined) return
    if (count > 1) {
      this.#underWay.set(correlationId, count - 1)
      return
    }
    this.#underWay.delete(correlationId)
    for (const wake of this.#waiting.get(correlationId) ?? []) wake()
    this.#waiting.delete(correlationId)
  }

  /** True while something is being done. */
  isUnderWay(correlationId: string): boolean {
    return this.#underWay.has(correlationId)
  }

  /** Resolves when nothing is being done any more, or when the time is up. */
  settled(correlationId: string, clock: Clock, waitMs: number): Promise<void> {
    if (!this.isUnderWay(correlationId)) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = clock.after(waitMs, resolve)
      const wake = (): void => {
        timer.cancel()
        resolve()
      }
      this.#waiting.set(correlationId, [...(this.#waiting.get(correlationId) ?? []), wake])
    })
  }
}
