/** Makes events of a chunk: the records of several events, one behind the other. */
import type { StoredEvent, StreamKey } from '../../ledger.ts'
import { readRecord, recordChunk } from '../event-record.ts'
import { corruptError } from '../sqlite-error.ts'
import type { Directory } from './directory.ts'

/** Records as SQL concatenates them, and how many there are. */
export type PackedChunk = { readonly count: number; readonly records: Uint8Array }

/** What is needed to make events of records. */
export type ChunkContext = { readonly directory: Directory; readonly path: string }

/** Decodes a chunk. The pages of its events share one buffer. */
export function decodeChunk(packed: PackedChunk, context: ChunkContext): StoredEvent[] {
  const { count, records } = packed
  const { directory, path } = context
  const chunk = recordChunk(records)
  const events: StoredEvent[] = []
  // Neighbours are mostly of one stream and one type.
  let [stream, typeId] = [-1, -1]
  let key: StreamKey | undefined
  let type = ''
  for (let at = 0; at < records.length;) {
    const record = readRecord(chunk, at)
    if (record === undefined) throw corruptError(path, `record ${events.length} is not readable`)
    at += record.length
    if (key === undefined || record.stream !== stream) {
      stream = record.stream
      key = directory.key(stream)
    }
    if (record.type !== typeId) {
      typeId = record.type
      type = directory.name(typeId)
    }
    events.push({
      position: record.position,
      key,
      sequence: record.sequence,
      type,
      page: record.page,
      correlationId: record.correlationId,
      recordedAt: record.recordedAt,
      commit: record.commit,
      visibility: record.visibility,
    })
  }
  if (events.length !== count) throw corruptError(path, 'the records of a chunk do not add up')
  return events
}
