/** Where a cache keeps what it knows. TTA.dev's CacheBackend and InMemoryBackend. */
import { type Clock, systemClock } from '../clock.ts'
import { checkCount } from './workflow-invalid.ts'

/** A value in its wrapping, so that `null` and `undefined` are values too. */
export type Cached<V> = { readonly value: V }

/** A place for cached values. */
export interface CacheBackend<V> {
  get(key: string): Promise<Cached<V> | undefined>
  set(key: string, cached: Cached<V>, ttlMs: number): Promise<void>
  delete(key: string): Promise<void>
}

/** Keeps values in this process, a bounded number of them; the one not used for longest goes first. */
export class InMemoryBackend<V> implements CacheBackend<V> {
  readonly #entries = new Map<string, { readonly cached: Cached<V>; readonly untilMs: number }>()
  readonly #clock: Clock
  readonly #maxEntries: number
  #expirations = 0

  /** @param options `maxEntries` default: 1,000 */
  constructor(
    options: {
      readonly maxEntries?: number | undefined
      readonly clock?: Clock | undefined
    } = {},
  ) {
    this.#clock = options.clock ?? systemClock()
    this.#maxEntries = options.maxEntries ?? 1_000
    checkCount('maxEntries', this.#maxEntries, 1)
  }

  /** Entries kept, those included that have expired but have not been met. */
  get size(): number {
    return this.#entries.size
  }
  /** Entries found expired so far. */
  get expirations(): number {
    return this.#expirations
  }

  async get(key: string): Promise<Cached<V> | undefined> {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (this.#clock.monotonicMs() >= entry.untilMs) {
      this.#expirations++
      return undefined
    }
    this.#entries.set(key, entry)
    return entry.cached
  }

  async set(key: string, cached: Cached<V>, ttlMs: number): Promise<void> {
    this.#entries.delete(key)
    for (const [oldest] of this.#entries) {
      if (this.#entries.size < this.#maxEntries) break
      this.#entries.delete(oldest)
    }
    this.#entries.set(key, { cached, untilMs: this.#clock.monotonicMs() + ttlMs })
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key)
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear()
  }

  /** Forgets what has expired; how many there were. */
  evictExpired(): number {
    const nowMs = this.#clock.monotonicMs()
    let evicted = 0
    for (const [key, { untilMs }] of this.#entries) {
      if (nowMs < untilMs) continue
      this.#entries.delete(key)
      evicted++
    }
    this.#expirations += evicted
    return evicted
  }
}
