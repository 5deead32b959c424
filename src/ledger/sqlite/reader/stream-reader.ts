/** Reads where streams stand, their snapshots, and which there are. */
import { rootOfBytes, type Sequence } from '../../../identity.ts'
import { limits } from '../../../limits.ts'
import type { Retention, StoredSnapshot, StreamKey } from '../../ledger.ts'
import { type Connection, query, type Statement } from '../connection.ts'
import type { Directory } from './directory.ts'

type SnapshotTuple = readonly [
  sequence: bigint,
  retention: bigint,
  created: bigint,
  state: Uint8Array,
]

/** A stream in a listing, with the number to continue behind. */
export type ListedStream = { readonly id: number; readonly key: StreamKey }

/** Narrows a listing of streams. */
export type StreamFilter = {
  readonly domain?: string | undefined
  readonly edition?: string | undefined
}

/** Point reads of streams. */
export class StreamReader {
  readonly #directory: Directory
  readonly #selectHead: Statement<[base: number, last: number | null]>
  readonly #selectSnapshot: Statement<SnapshotTuple>
  readonly #selectStreams: Statement<
    [id: number, domain: string, edition: string, root: Uint8Array]
  >

  constructor(connection: Connection, directory: Directory) {
    this.#directory = directory
    this.#selectHead = query(connection, SELECT_HEAD)
    this.#selectSnapshot = query(connection, SELECT_SNAPSHOT, { wide: true })
    this.#selectStreams = query(connection, SELECT_STREAMS)
  }

  /** The next sequence of a stream. */
  head(key: StreamKey): Sequence {
    const id = this.#directory.streamId(key)
    const row = id === undefined ? undefined : this.#selectHead.get(id)
    return row === undefined ? 0 : Math.max(row[0], (row[1] ?? -1) + 1)
  }

  /** The newest snapshot at or before a sequence. */
  snapshot(key: StreamKey, atOrBefore: Sequence): StoredSnapshot | undefined {
    const id = this.#directory.streamId(key)
    const row = id === undefined ? undefined : this.#selectSnapshot.get(id, atOrBefore)
    if (row === undefined) return undefined
    const [sequence, retention, createdAt, state] = row
    return {
      key,
      sequence: Number(sequence),
      state,
      retention: RETENTIONS[Number(retention)] ?? 'default',
      createdAt,
    }
  }

  /** The next streams that have events, behind a number. */
  streams(filter: StreamFilter, after: number): readonly ListedStream[] {
    const { domain, edition } = filter
    return this.#selectStreams
      .all(after, domain ?? null, edition ?? null, limits.eventsPerReadMax)
      .map(([id, inDomain, inEdition, root]) => ({
        id,
        key: { domain: inDomain, edition: inEdition, root: rootOfBytes(root) },
      }))
  }
}

const RETENTIONS: readonly Retention[] = ['default', 'persist', 'transient']

const SELECT_HEAD = `
  SELECT base, (SELECT max(sequence) FROM events WHERE stream = streams.id)
  FROM streams WHERE id = ?`

const SELECT_SNAPSHOT = `
  SELECT sequence, retention, created, state FROM snapshots
  WHERE stream = ? AND sequence <= ? ORDER BY sequence DESC LIMIT 1`

const SELECT_STREAMS = `
  SELECT streams.id, domain, edition, root
  FROM streams JOIN timelines ON timelines.id = streams.timeline
  WHERE streams.id > ?1 AND (?2 IS NULL OR domain = ?2) AND (?3 IS NULL OR edition = ?3)
    AND EXISTS (SELECT 1 FROM events WHERE stream = streams.id)
  ORDER BY streams.id LIMIT ?4`
