/** What a participant remembers of a request, as the value of a row. */
import type { Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Answer } from './answer.ts'
import type { RequestRecord } from './reply-store.ts'

/** A record, and when it was put. */
export type PutRecord = { readonly record: RequestRecord; readonly at: Nanoseconds }

/** The part of a row that is text; the content of an answer follows it as it is. */
type Head = {
  readonly kind: RequestRecord['kind']
  readonly at: string
  readonly attempt?: number
  readonly status?: number
  readonly code?: string
  readonly isWithoutEffect?: boolean
  readonly by?: string
  readonly isCertain?: boolean
}

/** Writes a record: the length of its head in four bytes, the head, the content of the answer. */
export function encodeRecord({ record, at }: PutRecord): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(headOf(record, String(at))))
  const content = record.kind === 'answered' ? record.answer.content : NOTHING
  const bytes = new Uint8Array(LENGTH_BYTES + head.length + content.length)
  new DataView(bytes.buffer).setUint32(0, head.length)
  bytes.set(head, LENGTH_BYTES)
  bytes.set(content, LENGTH_BYTES + head.length)
  return bytes
}

/** Reads a record. @throws CodedError `LEDGER_CORRUPT` when it is none */
export function decodeRecord(bytes: Uint8Array): PutRecord {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
    const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
    // Written above.
    const head = JSON.parse(text) as Head
    const content = bytes.slice(LENGTH_BYTES + length)
    return { record: recordOf(head, content), at: BigInt(head.at) }
  } catch (cause) {
    throw codedError('LEDGER_CORRUPT', { cause, details: { what: 'a record of a request' } })
  }
}

const LENGTH_BYTES = 4
const NOTHING = new Uint8Array(0)

function headOf(record: RequestRecord, at: string): Head {
  switch (record.kind) {
    case 'begun':
      return { kind: 'begun', at, attempt: record.attempt }
    case 'answered': {
      const { status, code, isWithoutEffect } = record.answer
      return { kind: 'answered', at, attempt: record.attempt, status, code, isWithoutEffect }
    }
    case 'cancelled': {
      const { by, isCertain, status } = record
      return { kind: 'cancelled', at, by, isCertain, ...(status === undefined ? {} : { status }) }
    }
  }
}

function recordOf(head: Head, content: Uint8Array): RequestRecord {
  const { kind, attempt = 1, by = '', status, code = '', isWithoutEffect = false } = head
  switch (kind) {
    case 'begun':
      return { kind, attempt }
    case 'answered':
      return { kind, attempt, answer: { status: statusOf(status), content, code, isWithoutEffect } }
    case 'cancelled':
      return { kind, by, status, isCertain: head.isCertain === true }
  }
}

function statusOf(status: number | undefined): Answer['status'] {
  return status === 200 || status === 400 ? status : 500
}
