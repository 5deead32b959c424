/**
 * Reads the parts that entries are made of. Fields that are not known are skipped, whatever order
 * they come in; a constant of an enum or a format of values that is not known is an error.
 */
import type { Begin, Change, Failure, ParentLink, Request, Turn } from '../../machine/journal.ts'
import type { ByteReader } from '../../wire/codec/byte-reader.ts'
import { NOT_PLAIN } from '../../wire/codec/not-plain.ts'
import { valueOfText } from '../../wire/values/decode-value.ts'
import { BACKWARDS, DIRECTIONS, FORWARDS, OUTCOMES } from './entry-types.ts'

/** A value that is there: it may be `undefined`. */
export type Held = { readonly value: unknown }

/** Skips a field whose tag has been read. */
export function skip(r: ByteReader, tag: number, end: number): void {
  switch (tag & 7) {
    case 0:
      r.uint64()
      return
    case 1:
      r.pos += 8
      return
    case 2:
      r.pos = r.extent(end)
      return
    case 5:
      r.pos += 4
      return
    default:
      throw NOT_PLAIN
  }
}

/** The word of a constant. */
export function readWord<T>(r: ByteReader, words: readonly T[]): T {
  const word = words[r.uint32()]
  if (word === undefined) throw new Error('a constant that is not known')
  return word
}

/** Throws unless a message ended where it had to. */
export function mustEnd(r: ByteReader, end: number): void {
  if (r.pos !== end) throw NOT_PLAIN
}

/** A value of the author. */
export function readValue(r: ByteReader, end: number): Held {
  let text = ''
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) text = r.string(end)
    else if (tag === 16) {
      if (r.uint32() !== 0) throw new Error('a format of values that is not known')
    } else skip(r, tag, end)
  }
  mustEnd(r, end)
  return { value: valueOfText(text) }
}

/** What became of a value. */
export function readChange(r: ByteReader, end: number): Change {
  let change: Change = SAME
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) change = { kind: 'replace', value: readValue(r, r.extent(end)).value }
    else if (tag === 18) change = readPatch(r, r.extent(end))
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return change
}

/** The change that is none. */
export const SAME: Change = Object.freeze({ kind: 'same' })

function readPatch(r: ByteReader, end: number): Change {
  let set: Readonly<Record<string, unknown>> = {}
  const unset: string[] = []
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) set = recordOf(readValue(r, r.extent(end)).value)
    else if (tag === 18) unset.push(r.name(end))
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return { kind: 'patch', set, unset }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isRecord) throw new Error('a patch of something that is no record')
  // Checked just now; values come from the codec, which makes nothing but plain data.
  return value as Readonly<Record<string, unknown>>
}

/** Why something failed. */
export function readFailure(r: ByteReader, end: number): Failure {
  let path = ''
  let outcome: Failure['outcome'] = 'failed'
  let code = ''
  let message = ''
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) path = r.name(end)
    else if (tag === 16) outcome = readWord(r, OUTCOMES)
    else if (tag === 26) code = r.name(end)
    else if (tag === 34) message = r.string(end)
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return { path, outcome, code, message }
}

/** One intent. */
export function readBegin(r: ByteReader, end: number): Begin {
  let path = ''
  let direction: Begin['direction'] = 'forward'
  let attempt = 0
  let request: Request | undefined
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) path = r.name(end)
    else if (tag === 16) direction = readWord(r, DIRECTIONS)
    else if (tag === 24) attempt = r.uint32()
    else if (tag === 34) request = readRequest(r, r.extent(end))
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return request === undefined
    ? { path, direction, attempt }
    : { path, direction, attempt, request }
}

function readRequest(r: ByteReader, end: number): Request {
  let target = ''
  let content: unknown
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) target = r.name(end)
    else if (tag === 18) content = readValue(r, r.extent(end)).value
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return { target, content }
}

/** How the execution stands. */
export function readTurn(r: ByteReader, end: number): Turn {
  let forward: Turn['forward'] = 'running'
  let backward: Turn['backward'] = 'not-needed'
  let failure: Failure | undefined
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 8) forward = readWord(r, FORWARDS)
    else if (tag === 16) backward = readWord(r, BACKWARDS)
    else if (tag === 26) failure = readFailure(r, r.extent(end))
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return failure === undefined ? { forward, backward } : { forward, backward, failure }
}

/** The execution that runs this one. */
export function readParent(r: ByteReader, end: number): ParentLink {
  let id = ''
  let path = ''
  while (r.pos < end) {
    const tag = r.uint32()
    if (tag === 10) id = r.string(end)
    else if (tag === 18) path = r.name(end)
    else skip(r, tag, end)
  }
  mustEnd(r, end)
  return { id, path }
}
