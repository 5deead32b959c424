/** Callers that wait for the same thing, by its id. They hold nothing but their promise. */
import { untilAborted } from '../../abort.ts'

/** See the top of this file. */
export class Waiters<T> {
  readonly #waiting = new Map<string, Set<PromiseWithResolvers<T>>>()

  /** How many ids are waited for. */
  get size(): number {
    return this.#waiting.size
  }

  /** Resolves at the next {@link resolve} of the id. @throws CodedError `ABORTED` */
  async wait(id: string, signal?: AbortSignal | undefined): Promise<T> {
    const waiter = Promise.withResolvers<T>()
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) this.#waiting.set(id, new Set([waiter]))
    else waiting.add(waiter)
    try {
      return await untilAborted(waiter.promise, signal)
    } finally {
      this.#forget(id, waiter)
    }
  }

  /** Ends the waits for an id. */
  resolve(id: string, value: T): void {
    for (const { resolve } of this.#take(id)) resolve(value)
  }

  /** Ends the waits for an id, in vain. */
  reject(id: string, error: unknown): void {
    for (const { reject } of this.#take(id)) reject(error)
  }

  /** Ends all waits. */
  rejectAll(error: unknown): void {
    for (const id of this.#waiting.keys()) this.reject(id, error)
  }

  #take(id: string): Iterable<PromiseWithResolvers<T>> {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting ?? []
  }

  #forget(id: string, waiter: PromiseWithResolvers<T>): void {
    const waiting = this.#waiting.get(id)
    waiting?.delete(waiter)
    if (waiting?.size === 0) this.#waiting.delete(id)
  }
}
