/**
 * How an event lies in its row: all of it in one record, so that a chunk of events is read as one
 * concatenated blob.
 *
 * | bytes | what |
 * |---|---|
 * | 0-3 | length of the whole record |
 * | 4-11 | number of the commit (float64) |
 * | 12-19 | recording time (int64, nanoseconds) |
 * | 20-27 | position (float64) |
 * | 28-31 | stream (interned) |
 * | 32-35 | sequence |
 * | 36-39 | type (interned) |
 * | 40-41 | visibility: 0 open, 1 isolated, 2 pending |
 * | 42-43 | length of the correlation id |
 * | 44-45 | length of the cascade id |
 * | 46-  | correlation id, cascade id, page |
 *
 * Numbers are big-endian, texts UTF-8. The writer stamps bytes 4-39: only it knows them.
 */
import type { Nanoseconds } from '../../clock.ts'
import { limits } from '../../limits.ts'
import { OPEN, type Visibility } from '../ledger.ts'

/** Bytes before the texts and the page. */
export const RECORD_HEADER_BYTES = 46

/** What the writer knows and the caller does not. */
export type RecordStamp = {
  readonly commit: number
  readonly recordedAt: Nanoseconds
  readonly position: number
  readonly stream: number
  readonly sequence: number
  readonly type: number
}

/** What the caller knows of an event. */
export type RecordParts = {
  readonly correlationId: string
  readonly visibility: Visibility
  readonly page: Uint8Array
}

/** An upper bound of what a record takes. */
export function recordBytesMax(parts: RecordParts): number {
  const { correlationId, visibility, page } = parts
  const cascade = visibility.kind === 'pending' ? visibility.cascadeId.length : 0
  return RECORD_HEADER_BYTES + 3 * (correlationId.length + cascade) + page.length
}

/** Writes a record without its stamp at an offset and returns where it ends. */
export function writeRecord(target: Buffer, at: number, parts: RecordParts): number {
  const { correlationId, visibility, page } = parts
  let end = writeText(target, at + RECORD_HEADER_BYTES, correlationId)
  target.writeUInt16BE(end - at - RECORD_HEADER_BYTES, at + 42)
  const cascadeFrom = end
  if (visibility.kind === 'pending') end = writeText(target, end, visibility.cascadeId)
  target.writeUInt16BE(VISIBILITY[visibility.kind], at + 40)
  target.writeUInt16BE(end - cascadeFrom, at + 44)
  target.set(page, end)
  end += page.length
  target.writeUInt32BE(end - at, at)
  return end
}

/** Stamps the record at an offset and returns its length. */
export function stampRecord(view: DataView, at: number, stamp: RecordStamp): number {
  view.setFloat64(at + 4, stamp.commit)
  view.setBigInt64(at + 12, stamp.recordedAt)
  view.setFloat64(at + 20, stamp.position)
  view.setUint32(at + 28, stamp.stream)
  view.setUint32(at + 32, stamp.sequence)
  view.setUint32(at + 36, stamp.type)
  return view.getUint32(at)
}

/** A record as it is read back. `page` shares memory with the chunk. */
export type ReadRecord = RecordParts & RecordStamp & { readonly length: number }

/** A chunk of records with both of its views. */
export type RecordChunk = { readonly bytes: Buffer; readonly view: DataView }

/** The views of a blob. */
export function recordChunk(blob: Uint8Array): RecordChunk {
  const { buffer, byteOffset, length } = blob
  return {
    bytes: Buffer.from(buffer, byteOffset, length),
    view: new DataView(buffer, byteOffset, length),
  }
}

/** Reads the record at an offset; `undefined` when what is there is no record. */
export function readRecord(chunk: RecordChunk, at: number): ReadRecord | undefined {
  const { bytes, view } = chunk
  if (at + RECORD_HEADER_BYTES > bytes.length) return undefined
  const length = view.getUint32(at)
  const kind = view.getUint16(at + 40)
  const textFrom = at + RECORD_HEADER_BYTES
  const cascadeFrom = textFrom + view.getUint16(at + 42)
  const pageFrom = cascadeFrom + view.getUint16(at + 44)
  if (pageFrom > at + length || at + length > bytes.length || kind > 2) return undefined
  return {
    length,
    commit: view.getFloat64(at + 4),
    recordedAt: view.getBigInt64(at + 12),
    position: view.getFloat64(at + 20),
    stream: view.getUint32(at + 28),
    sequence: view.getUint32(at + 32),
    type: view.getUint32(at + 36),
    visibility:
      kind === 0
        ? OPEN
        : kind === 1
          ? ISOLATED
          : { kind: 'pending', cascadeId: bytes.toString('utf8', cascadeFrom, pageFrom) },
    correlationId: textFrom === cascadeFrom ? '' : bytes.toString('utf8', textFrom, cascadeFrom),
    page: new Uint8Array(bytes.buffer, bytes.byteOffset + pageFrom, at + length - pageFrom),
  }
}

/** How much of a record holds its correlation id. */
export const RECORD_PREFIX_BYTES: number = RECORD_HEADER_BYTES + 4 * limits.correlationIdLengthMax

/** The correlation id of a record of which at least the prefix is given; empty for none. */
export function readCorrelationId(prefix: Uint8Array): string {
  const { bytes, view } = recordChunk(prefix)
  const end = RECORD_HEADER_BYTES + view.getUint16(42)
  return bytes.toString('utf8', RECORD_HEADER_BYTES, end)
}

const VISIBILITY = { open: 0, isolated: 1, pending: 2 } as const
const ISOLATED: Visibility = Object.freeze({ kind: 'isolated' })

/** Most texts are short and plain: a loop beats the call into native code. */
function writeText(target: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return at + target.write(text, at)
    target[at + i] = code
  }
  return at + text.length
}
