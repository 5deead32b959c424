/**
 * Locks by key, within one process. Several keys are taken in one order by everybody, so nobody
 * waits for ever; whoever waits for a key gets it in the order of asking.
 */

/** See the top of this file. */
export class KeyLocks {
  readonly #held = new Map<string, (() => void)[] | undefined>()

  /** Runs some work while it holds the keys. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const ordered = keys.length > 1 ? [...new Set(keys)].sort(byText) : keys
    for (const key of ordered) {
      if (this.#held.has(key)) await this.#turn(key)
      else this.#held.set(key, undefined)
    }
    try {
      return await work()
    } finally {
      for (const key of ordered) this.#release(key)
    }
  }

  #turn(key: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = this.#held.get(key)
    if (waiting === undefined) this.#held.set(key, [resolve])
    else waiting.push(resolve)
    return promise
  }

  #release(key: string): void {
    const next = this.#held.get(key)?.shift()
    if (next === undefined) this.#held.delete(key)
    else next()
  }
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
