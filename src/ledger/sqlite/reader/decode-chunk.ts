/** Makes events of a chunk: one blob with their records, and the numbers beside them as text. */
import type { StoredEvent, StreamKey } from '../../ledger.ts'
import { readRecord, recordChunk } from '../event-record.ts'
import { corruptError } from '../sqlite-error.ts'
import type { Directory } from './directory.ts'

/** A chunk as SQL gives it. */
export type PackedChunk = {
  readonly records: Uint8Array
  /** Positions, joined by commas. */
  readonly positions: string
  /** Sequence and stream of the event at an index. */
  readonly sequence: (index: number) => number
  readonly key: (index: number) => StreamKey
}

/** Decodes a chunk. The pages of its events share one buffer. */
export function decodeChunk(
  packed: PackedChunk,
  directory: Directory,
  path: string,
): StoredEvent[] {
  const chunk = recordChunk(packed.records)
  const positions = parseNumbers(packed.positions)
  const events: StoredEvent[] = []
  let at = 0
  for (const [index, position] of positions.entries()) {
    const record = readRecord(chunk, at)
    if (record === undefined) throw corruptError(path, `the record at ${position} is not readable`)
    at += record.length
    events.push({
      position,
      key: packed.key(index),
      sequence: packed.sequence(index),
      type: directory.name(record.type),
      page: record.page,
      correlationId: record.correlationId,
      recordedAt: record.recordedAt,
      commit: record.commit,
      visibility: record.visibility,
    })
  }
  if (at !== packed.records.length) throw corruptError(path, 'the records of a chunk do not add up')
  return events
}

/** Numbers joined by commas. */
export function parseNumbers(text: string): readonly number[] {
  // SQLite joined integers.
  return JSON.parse(`[${text}]`) as number[]
}
