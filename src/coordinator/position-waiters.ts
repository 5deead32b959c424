/** Those who wait until a component is done with an event that was stored before they asked. */
import type { Position } from '../identity.ts'

/** Somebody who waits. */
export type PositionWaiter = {
  /** Resolves when the component is done with the event; rejects when it is given up. */
  readonly done: Promise<void>
  /** Waits no more. */
  leave(): void
}

/** See the top of this file. */
export class PositionWaiters {
  readonly #waiting = new Map<string, Map<Position, Set<PromiseWithResolvers<void>>>>()

  /** Waits from now on: who asks first what is done already misses nothing. */
  wait(component: string, position: Position): PositionWaiter {
    const waiter = Promise.withResolvers<void>()
    // It may be told before anybody looks.
    waiter.promise.catch(() => undefined)
    const positions = this.#waiting.get(component) ?? new Map<Position, Set<typeof waiter>>()
    this.#waiting.set(component, positions)
    const waiters = positions.get(position) ?? new Set()
    positions.set(position, waiters.add(waiter))
    const leave = (): void => {
      waiters.delete(waiter)
      if (waiters.size > 0 || positions.get(position) !== waiters) return
      positions.delete(position)
      if (positions.size === 0 && this.#waiting.get(component) === positions) {
        this.#waiting.delete(component)
      }
    }
    return { done: waiter.promise, leave }
  }

  /** Whether anybody waits for this event. */
  has(component: string, position: Position): boolean {
    return this.#waiting.size > 0 && this.#waiting.get(component)?.has(position) === true
  }

  /** The component is done with an event; with an error it has given it up. */
  tell(component: string, position: Position, error?: Error): void {
    if (this.#waiting.size === 0) return
    for (const { resolve, reject } of this.#waiting.get(component)?.get(position) ?? []) {
      if (error === undefined) resolve()
      else reject(error)
    }
  }

  /** The component does not go on. */
  tellAll(component: string, error: Error): void {
    for (const position of this.#waiting.get(component)?.keys() ?? []) {
      this.tell(component, position, error)
    }
  }
}
