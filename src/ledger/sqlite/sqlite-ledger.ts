/**
 * The ledger on SQLite: writes go through the queue to the writer, reads are answered in the calling
 * thread on a connection of their own, a chunk at a time.
 */
import { throwIfAborted } from '../../abort.ts'
import type { Clock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { Position, Sequence, WriteId } from '../../identity.ts'
import { limits } from '../../limits.ts'
import type {
  Abortable,
  Claim,
  Committed,
  Ledger,
  Outcome,
  Row,
  RowQuery,
  StoredSnapshot,
  Space,
  StoredEvent,
  StreamKey,
  StreamRange,
  Write,
} from '../ledger.ts'
import { validateWrite } from '../validate-write.ts'
import { answering } from './answering.ts'
import { CommitQueue } from './commit-queue.ts'
import { LogWakes } from './log-wakes.ts'
import type { ReadSide } from './read-side.ts'
import { nextLimit } from './reader/event-reader.ts'
import type { StreamFilter } from './reader/stream-reader.ts'
import type { SharedCounters } from './shared-counters.ts'
import { openError } from './sqlite-error.ts'
import type { WriterChannel } from './writer-channel.ts'
import { turn } from '../../turn.ts'

/** The parts of an opened ledger. */
export type SqliteLedgerParts = {
  readonly path: string
  readonly clock: Clock
  readonly channel: WriterChannel
  readonly reads: ReadSide
  readonly counters: SharedCounters
  /** Called once, when everything is closed. */
  readonly closed: () => void
}

/** Puts a ledger together from its parts. */
export function sqliteLedger(parts: SqliteLedgerParts): Ledger {
  return new SqliteLedger(parts)
}

class SqliteLedger implements Ledger {
  readonly location: string
  readonly #parts: SqliteLedgerParts
  readonly #queue: CommitQueue
  readonly #wakes: LogWakes
  readonly #groupWatchers = new Set<(writes: number) => void>()
  #foreignWrites = 0
  #foreignIsFresh = false
  #disposing: Promise<void> | undefined
  #closed = false

  constructor(parts: SqliteLedgerParts) {
    this.#parts = parts
    this.location = parts.path
    this.#wakes = new LogWakes(parts.clock)
    const decided = (writes: number): void => {
      this.#wakes.wake()
      for (const told of this.#groupWatchers) told(writes)
    }
    this.#queue = new CommitQueue(
      parts.channel,
      answering(parts.reads.commits, decided),
      parts.clock,
    )
  }

  async commit(write: Write, options?: Abortable): Promise<Outcome> {
    if (this.#disposing !== undefined) throw this.#closedError()
    throwIfAborted(options?.signal)
    return this.#queue.offer(write, validateWrite(write), options?.signal)
  }

  async find(id: WriteId): Promise<Committed | undefined> {
    return this.#read(({ commits }) => commits.find(id))
  }

  async claimed(claim: Claim): Promise<Committed | undefined> {
    return this.#read(({ commits }) => commits.claimed(claim))
  }

  async head(key: StreamKey): Promise<Sequence> {
    return this.#read(({ streams }) => streams.head(key))
  }

  async snapshot(key: StreamKey, atOrBefore?: Sequence): Promise<StoredSnapshot | undefined> {
    return this.#read(({ streams }) => streams.snapshot(key, atOrBefore ?? Number.MAX_SAFE_INTEGER))
  }

  async tip(): Promise<Position> {
    return this.#read(({ commits }) => commits.tip())
  }

  async row(space: Space, key: string): Promise<Row | undefined> {
    return this.#read(({ rows }) => rows.row(space, key))
  }

  async rows(space: Space, query: RowQuery): Promise<readonly Row[]> {
    return this.#read(({ rows }) => rows.rows(space, query))
  }

  async *stream(key: StreamKey, range: StreamRange): AsyncGenerator<readonly StoredEvent[]> {
    const stream = this.#read(({ directory }) => directory.streamId(key))
    if (stream === undefined) return
    const { upTo } = range
    const to = range.to ?? limits.sequenceMax
    const tip =
      upTo === undefined
        ? Number.MAX_SAFE_INTEGER
        : this.#read(({ commits }) => commits.tipAt(upTo))
    let chunk: readonly StoredEvent[] = []
    for (let from = range.from; from <= to;) {
      const limit = nextLimit(chunk, limits.eventsPerReadMax)
      const slice = { stream, from, to, upTo: tip }
      chunk = this.#read(({ events }) => events.stream(slice, limit))
      const last = chunk.at(-1)
      if (last === undefined) return
      yield chunk
      if (chunk.length < limit) return
      from = last.sequence + 1
      await turn()
    }
  }

  async *log(
    after: Position,
    options: { readonly limit: number; readonly follow?: boolean | undefined } & Abortable,
  ): AsyncGenerator<readonly StoredEvent[]> {
    const { follow, signal } = options
    const limitMax = Math.max(1, options.limit)
    let chunk: readonly StoredEvent[] = []
    for (let position = after; ;) {
      if (follow === true && signal?.aborted === true) return
      throwIfAborted(signal)
      const limit = nextLimit(chunk, limitMax)
      const seen = this.#wakes.count
      chunk = this.#read(({ events }) => events.log(position, limit))
      const last = chunk.at(-1)
      if (last !== undefined) {
        yield chunk
        position = last.position
      }
      if (chunk.length === limit) await turn()
      else if (follow !== true) return
      else await this.#wakes.after(seen, signal)
    }
  }

  async *byCorrelation(correlationId: string): AsyncGenerator<readonly StoredEvent[]> {
    const tip = this.#read(({ commits }) => commits.tip())
    if (this.#read(({ events }) => events.indexedPosition()) < tip) {
      await this.#parts.channel.indexCorrelations()
    }
    let chunk: readonly StoredEvent[] = []
    for (let after = 0; ;) {
      const limit = nextLimit(chunk, limits.eventsPerReadMax)
      chunk = this.#read(({ events }) => events.byCorrelation(correlationId, after, tip, limit))
      const last = chunk.at(-1)
      if (last === undefined) return
      yield chunk
      if (chunk.length < limit) return
      after = last.position
      await turn()
    }
  }

  async *streams(filter: StreamFilter): AsyncGenerator<readonly StreamKey[]> {
    for (let after = 0; ;) {
      const found = this.#read(({ streams }) => streams.streams(filter, after))
      const last = found.at(-1)
      if (last === undefined) return
      yield found.map(({ key }) => key)
      after = last.id
      await turn()
    }
  }

  watchGroups(told: (writes: number) => void): () => void {
    // One of their own each: two may give the same function.
    const watcher = (writes: number): void => told(writes)
    this.#groupWatchers.add(watcher)
    return () => this.#groupWatchers.delete(watcher)
  }

  foreignWrites(): number {
    if (!this.#foreignIsFresh && !this.#closed) {
      this.#foreignIsFresh = true
      setImmediate(() => (this.#foreignIsFresh = false))
      const last = this.#read(({ commits }) => commits.lastNumber())
      this.#foreignWrites = this.#parts.counters.foreign(last)
    }
    return this.#foreignWrites
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose()
    await this.#disposing
  }

  async #dispose(): Promise<void> {
    await this.#queue.drain()
    this.#closed = true
    this.#wakes.close()
    this.#parts.reads.close()
    try {
      await this.#parts.channel.close()
    } finally {
      this.#parts.closed()
    }
  }

  #read<T>(ask: (reads: ReadSide) => T): T {
    if (this.#closed) throw this.#closedError()
    try {
      return ask(this.#parts.reads)
    } catch (error) {
      throw openError(error, this.location)
    }
  }

  #closedError(): Error {
    return codedError('LEDGER_CLOSED', { details: { path: this.location } })
  }
}
