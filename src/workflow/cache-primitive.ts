/** Remembers what an operation returned. TTA.dev's CachePrimitive. */
import type { Clock } from '../clock.ts'
import { type CacheBackend, InMemoryBackend } from './cache-backend.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { checkNumber, workflowInvalid } from './workflow-invalid.ts'

/** See the fields. */
export type CacheOptions<I, O> = {
  readonly name?: string | undefined
  /** What tells one input from another. */
  readonly key: (input: I, context: WorkflowContext) => string
  /** Milliseconds a value is good for. Default: an hour. */
  readonly ttlMs?: number | undefined
  /** Default: an {@link InMemoryBackend} of its own. */
  readonly backend?: CacheBackend<O> | undefined
  /** Values that the backend of its own keeps. Default: 1,000. */
  readonly maxEntries?: number | undefined
  /** The clock of the backend of its own. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** How a cache has done so far. */
export type CacheStats = {
  /** Values kept; -1 when the backend does not tell. */
  readonly size: number
  readonly hits: number
  readonly misses: number
  readonly expirations: number
  /** Hits in a hundred calls, two decimals. */
  readonly hitRate: number
}

/**
 * Runs an operation once per key, as long as what it returned is good. Calls with the same key share
 * one run; errors are not kept. `state.cache_hits` and `state.cache_misses` count for the run.
 */
export class CachePrimitive<I, O> extends InstrumentedPrimitive<I, O> {
  readonly #operation: Operation<I, O>
  readonly #options: CacheOptions<I, O>
  readonly #own: InMemoryBackend<O> | undefined
  readonly #backend: CacheBackend<O>
  readonly #running = new Map<
    string,
    { readonly run: Promise<O>; readonly context: WorkflowContext }
  >()
  #hits = 0
  #misses = 0

  /** @throws CodedError `WORKFLOW_INVALID` for what is no operation or key, or no sensible number */
  constructor(operation: Operation<I, O>, options: CacheOptions<I, O>) {
    super(options.name)
    checkOperation('operation', operation)
    if (typeof options.key !== 'function') throw workflowInvalid('key', 'a function', options.key)
    checkNumber('ttlMs', options.ttlMs ?? 0, 0)
    this.#operation = operation
    noteWrapped(this, [operation])
    this.#options = options
    const { backend, maxEntries, clock } = options
    this.#own = backend === undefined ? new InMemoryBackend<O>({ maxEntries, clock }) : undefined
    this.#backend = backend ?? this.#ownBackend()
  }

  /** How it has done since it was made. */
  stats(): CacheStats {
    const calls = this.#hits + this.#misses
    return {
      size: this.#own?.size ?? -1,
      hits: this.#hits,
      misses: this.#misses,
      expirations: this.#own?.expirations ?? 0,
      hitRate: calls === 0 ? 0 : Math.round((10_000 * this.#hits) / calls) / 100,
    }
  }

  /** Forgets all values, where the backend is its own; counts stay. */
  clear(): void {
    this.#own?.clear()
  }

  /** Forgets expired values, where the backend is its own; how many there were. */
  evictExpired(): number {
    return this.#own?.evictExpired() ?? 0
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O> {
    const key = this.#options.key(input, context)
    const cached = await this.#backend.get(key)
    const { state } = context
    if (cached !== undefined) {
      this.#hits++
      state['cache_hits'] = counted(state['cache_hits'])
      return cached.value
    }
    this.#misses++
    state['cache_misses'] = counted(state['cache_misses'])
    for (;;) {
      const running = this.#running.get(key)
      if (running === undefined) break
      try {
        return await running.run
      } catch (error) {
        // The failure of a run that its own caller cancelled is nobody else's.
        if (!running.context.isAborted || context.isAborted) throw error
      }
    }
    const run = this.#fill(key, input, context)
    this.#running.set(key, { run, context })
    try {
      return await run
    } finally {
      this.#running.delete(key)
    }
  }

  async #fill(key: string, input: I, context: WorkflowContext): Promise<O> {
    const value = await runOperation(this.#operation, input, context)
    await this.#backend.set(key, { value }, this.#options.ttlMs ?? 3_600_000)
    return value
  }

  #ownBackend(): InMemoryBackend<O> {
    if (this.#own === undefined) throw workflowInvalid('backend', 'a backend')
    return this.#own
  }
}

/** See {@link CachePrimitive}. */
export function cache<I, O>(
  operation: Operation<I, O>,
  options: CacheOptions<I, O>,
): CachePrimitive<I, O> {
  return new CachePrimitive(operation, options)
}

function counted(count: unknown): number {
  return (typeof count === 'number' ? count : 0) + 1
}
