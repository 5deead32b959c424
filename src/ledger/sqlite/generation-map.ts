/**
 * A bounded map that forgets what was not used lately: two generations, of which the older is
 * dropped when the younger has grown to half of the bound. Cheaper than an exact order of use.
 */
export class GenerationMap<K, V> {
  readonly #half: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  constructor(sizeMax: number) {
    this.#half = Math.max(1, sizeMax >> 1)
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  /** Entries held at the moment, in both generations. */
  get size(): number {
    return this.#young.size + this.#old.size
  }
}
