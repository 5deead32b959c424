/**
 * Reads events in chunks: one statement brings a whole chunk as a few values, several times cheaper
 * than a row per event.
 */
import type { Position, Sequence } from '../../../identity.ts'
import { limits } from '../../../limits.ts'
import type { StoredEvent, StreamKey } from '../../ledger.ts'
import { type Connection, query, type SqlInput, type Statement } from '../connection.ts'
import { corruptError } from '../sqlite-error.ts'
import { decodeChunk, parseNumbers } from './decode-chunk.ts'
import type { Directory } from './directory.ts'

type StreamChunk = readonly [
  count: number,
  first: number,
  last: number,
  positions: string,
  records: Uint8Array,
]

type LogChunk = readonly [
  count: number,
  positions: string,
  streams: string,
  sequences: string,
  records: Uint8Array,
]

/** A part of a stream, bounded by position as well. */
export type StreamSlice = {
  readonly stream: number
  readonly key: StreamKey
  readonly from: Sequence
  readonly to: Sequence
  readonly upTo: Position
}

/** Reads chunks of events. Each call is one statement. */
export class EventReader {
  readonly #path: string
  readonly #directory: Directory
  readonly #selectStream: Statement<StreamChunk>
  readonly #selectLog: Statement<LogChunk>
  readonly #selectCorrelation: Statement<LogChunk>
  readonly #selectIndexed: Statement<[number]>

  constructor(connection: Connection, directory: Directory, path: string) {
    this.#path = path
    this.#directory = directory
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
    const { stream, key, from, to, upTo } = slice
    const row = this.#selectStream.get(stream, from, to, upTo, limit)
    if (row === undefined || row[0] === 0) return []
    const [count, first, last, positions, records] = row
    if (last - first + 1 !== count) {
      throw corruptError(this.#path, `stream ${stream} has a gap between ${first} and ${last}`)
    }
    const packed = {
      records,
      positions,
      sequence: (index: number) => first + index,
      key: () => key,
    }
    return decodeChunk(packed, this.#directory, this.#path)
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

  #chunk(statement: Statement<LogChunk>, ...inputs: SqlInput[]): readonly StoredEvent[] {
    const row = statement.get(...inputs)
    if (row === undefined || row[0] === 0) return []
    const streams = parseNumbers(row[2])
    const sequences = parseNumbers(row[3])
    const packed = {
      records: row[4],
      positions: row[1],
      sequence: (index: number) => sequences[index] ?? 0,
      key: (index: number) => this.#directory.key(streams[index] ?? 0),
    }
    return decodeChunk(packed, this.#directory, this.#path)
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
  SELECT count(*), min(sequence), max(sequence), group_concat(position),
    CAST(group_concat(record, '') AS BLOB)
  FROM (SELECT position, sequence, record FROM events
    WHERE stream = ? AND sequence BETWEEN ? AND ? AND position <= ?
    ORDER BY sequence LIMIT ?)`

const SELECT_LOG_CHUNK = `
  SELECT count(*), group_concat(position), group_concat(stream), group_concat(sequence),
    CAST(group_concat(record, '') AS BLOB)
  FROM (SELECT position, stream, sequence, record FROM events
    WHERE position > ? ORDER BY position LIMIT ?)`

const SELECT_CORRELATION_CHUNK = `
  SELECT count(*), group_concat(position), group_concat(stream), group_concat(sequence),
    CAST(group_concat(record, '') AS BLOB)
  FROM (SELECT events.position, stream, sequence, record
    FROM correlations JOIN events ON events.position = correlations.position
    WHERE correlations.id = ? AND correlations.position > ? AND correlations.position <= ?
    ORDER BY correlations.position LIMIT ?)`
