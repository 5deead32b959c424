/**
 * Writes the parts that entries are made of, byte for byte as the protobuf runtime does: fields in
 * the order of their numbers, zeros left out. A tag is the field's number times eight plus its wire
 * type.
 */
import type { Begin, Change, Failure, Request, Turn } from '../../machine/journal.ts'
import type { ByteWriter } from '../../wire/codec/byte-writer.ts'
import { valueText } from '../../wire/values/encode-value.ts'
import { BACKWARDS, DIRECTIONS, FORWARDS, OUTCOMES } from './entry-types.ts'

/** Tag of a text, of bytes, or of a message. */
export function lengthTag(field: number): number {
  return field * 8 + 2
}

/** Text; '' is left out. */
export function writeText(w: ByteWriter, field: number, text: string): void {
  if (text === '') return
  w.uint32(lengthTag(field))
  w.string(text)
}

/** A number from 0 to 2^32 - 1; 0 is left out. */
export function writeNumber(w: ByteWriter, field: number, value: number): void {
  if (value === 0) return
  w.uint32(field * 8)
  w.uint32(value)
}

/** A constant of an enum: the place of a word in its list. */
export function writeWord<T>(w: ByteWriter, field: number, words: readonly T[], word: T): void {
  writeNumber(w, field, words.indexOf(word))
}

/** Texts, one after the other. */
export function writeTexts(w: ByteWriter, field: number, texts: readonly string[]): void {
  for (let i = 0; i < texts.length; i++) {
    w.uint32(lengthTag(field))
    w.string(texts[i] as string)
  }
}

/** A value of the author. @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE` */
export function writeValue(w: ByteWriter, field: number, value: unknown): void {
  const text = valueText(value)
  w.uint32(lengthTag(field))
  const opened = w.open()
  writeText(w, 1, text)
  w.close(opened)
}

/** What became of a value; `same` is left out. */
export function writeChange(w: ByteWriter, field: number, change: Change): void {
  if (change.kind === 'same') return
  w.uint32(lengthTag(field))
  const opened = w.open()
  if (change.kind === 'replace') writeValue(w, 1, change.value)
  else writePatch(w, change.set, change.unset)
  w.close(opened)
}

function writePatch(
  w: ByteWriter,
  set: Readonly<Record<string, unknown>>,
  unset: readonly string[],
): void {
  const keys = Object.keys(set)
  // A field that became `undefined` is gone.
  let gone: string[] | undefined
  for (const key of keys) if (set[key] === undefined) (gone ??= []).push(key)
  w.uint32(lengthTag(2))
  const opened = w.open()
  if (keys.length > (gone?.length ?? 0)) writeValue(w, 1, set)
  writeTexts(w, 2, unset)
  if (gone !== undefined) writeTexts(w, 2, gone)
  w.close(opened)
}

/** Why something failed; the error behind it is left out. */
export function writeFailure(w: ByteWriter, field: number, failure: Failure | undefined): void {
  if (failure === undefined) return
  w.uint32(lengthTag(field))
  const opened = w.open()
  writeText(w, 1, failure.path)
  writeWord(w, 2, OUTCOMES, failure.outcome)
  writeText(w, 3, failure.code)
  writeText(w, 4, failure.message)
  w.close(opened)
}

/** What begins because of an entry. */
export function writeBegins(w: ByteWriter, begins: readonly Begin[]): void {
  for (let i = 0; i < begins.length; i++) {
    const begin = begins[i] as Begin
    w.uint32(lengthTag(14))
    const opened = w.open()
    writeText(w, 1, begin.path)
    writeWord(w, 2, DIRECTIONS, begin.direction)
    writeNumber(w, 3, begin.attempt)
    if (begin.request !== undefined) writeRequest(w, 4, begin.request)
    w.close(opened)
  }
}

function writeRequest(w: ByteWriter, field: number, request: Request): void {
  w.uint32(lengthTag(field))
  const opened = w.open()
  writeText(w, 1, request.target)
  writeValue(w, 2, request.content)
  w.close(opened)
}

/** How the execution stands from an entry on. */
export function writeTurn(w: ByteWriter, turn: Turn | undefined): void {
  if (turn === undefined) return
  w.uint32(lengthTag(15))
  const opened = w.open()
  writeWord(w, 1, FORWARDS, turn.forward)
  writeWord(w, 2, BACKWARDS, turn.backward)
  writeFailure(w, 3, turn.failure)
  w.close(opened)
}

/** A time that may be absent. */
export function writeTime(w: ByteWriter, field: number, time: bigint | undefined): void {
  if (time === undefined) return
  w.uint32(field * 8)
  w.int64(time)
}
