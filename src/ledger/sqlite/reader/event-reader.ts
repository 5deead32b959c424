/**
 * Reads events in chunks: one statement brings a whole chunk as a few values, several times cheaper
 * than a row per event.
 */
import type { Position, Sequence } from '../../../identity.ts'
import { limits } from '../../../limits.ts'
import type { StoredEvent } from '../../ledger.ts'
import { type Connection, query, type SqlInput, type Statement } from '../connection.ts'
import { corruptError } from '../sqlite-error.ts'
import { type ChunkContext, decodeChunk } from './decode-chunk.ts'
import type { Directory } from './directory.ts'

type Chunk = readonly [count: number, records: Uint8Array | null]

/** A part of a stream, bounded by position as well. */
export type StreamSlice = {
  readonly stream: number
  readonly from: Sequence
  readonly to: Sequence
  readonly upTo: Position
}

/** Reads chunks of events. Each call is one statement. */
export class EventReader {
  readonly #context: ChunkContext
  readonly #selectStream: Statement<Chunk>
  readonly #selectLog: Statement<Chunk>
  readonly #selectCorrelation: Statement<Chunk>
  readonly #selectIndexed: Statement<[number]>

  constructor(connection: Connection, directory: Directory, path: string) {
    this.#context = { directory, path }
    this.#selectStream = query(connection, SELECT_STREAM_CHUNK)
    this.#selectLog = query(connection, SELECT_LOG_CHUNK)
    this.#selectCorrelation = query(connection, SELECT_CORRELATION_CHUNK)
    this.#selectIndexed = query(
      connection,
      "SELECT position FROM progress WHERE name = 'correlations'",
    )
  }

  /** The next events of a stream. */
  stream(slice: StreamSlice, limit: number): readonly StoredEvent[] {
    const { stream, from, to, upTo } = slice
    const events = this.#chunk(this.#selectStream, stream, from, to, upTo, limit)
    const [first, last] = [events[0]?.sequence ?? 0, events.at(-1)?.sequence ?? -1]
    if (last - first + 1 === events.length) return events
    throw corruptError(this.#context.path, `stream ${stream} has a gap from ${first} to ${last}`)
  }

  /** The next events of the log. */
  log(after: Position, limit: number): readonly StoredEvent[] {
    return this.#chunk(this.#selectLog, after, limit)
  }

  /** The next events of a correlation id, up to a position. */
  byCorrelation(
    id: string,
    after: Position,
    upTo: Position,
    limit: number,
  ): readonly StoredEvent[] {
    return this.#chunk(this.#selectCorrelation, id, after, upTo, limit)
  }

  /** Up to where correlation ids are indexed. */
  indexedPosition(): Position {
    return this.#selectIndexed.get()?.[0] ?? 0
  }

  #chunk(statement: Statement<Chunk>, ...inputs: SqlInput[]): readonly StoredEvent[] {
    const [count, records] = statement.get(...inputs) ?? [0, null]
    return records === null ? [] : decodeChunk({ count, records }, this.#context)
  }
}

/**
 * How many events the next read may bring: as many as fit the bound of bytes if they are as large as
 * those of the last read.
 */
export function nextLimit(last: readonly StoredEvent[], limitMax: number): number {
  if (last.length === 0) return Math.min(limitMax, FIRST_LIMIT)
  const bytes = last.reduce((sum, event) => sum + event.page.length + EVENT_OVERHEAD_BYTES, 0)
  const fitting = Math.floor((limits.bytesPerReadMax * last.length) / bytes)
  return Math.max(1, Math.min(limitMax, limits.eventsPerReadMax, fitting))
}

const FIRST_LIMIT = 128
const EVENT_OVERHEAD_BYTES = 100

const SELECT_STREAM_CHUNK = `
  SELECT count(*), CAST(group_concat(record, '') AS BLOB)
  FROM (SELECT record FROM events
    WHERE stream = ? AND sequence BETWEEN ? AND ? AND position <= ?
    ORDER BY sequence LIMIT ?)`

const SELECT_LOG_CHUNK = `
  SELECT count(*), CAST(group_concat(record, '') AS BLOB)
  FROM (SELECT record FROM events WHERE position > ? ORDER BY position LIMIT ?)`

const SELECT_CORRELATION_CHUNK = `
  SELECT count(*), CAST(group_concat(record, '') AS BLOB)
  FROM (SELECT record FROM correlations
    JOIN events ON events.position = correlations.position
    WHERE correlations.id = ? AND correlations.position > ? AND correlations.position <= ?
    ORDER BY correlations.position LIMIT ?)`
