/**
 * Entries as events: a page of the stream of an execution, as those of aggregates are stored. The
 * time of an entry is the `created_at` of its page.
 */
import type { Sequence } from '../../identity.ts'
import type { NewEvent } from '../../ledger/ledger.ts'
import type { Entry, Found, Happened } from '../../machine/journal.ts'
import { ByteWriter } from '../../wire/codec/byte-writer.ts'
import { TYPE_URL_PREFIX } from '../../wire/constants.ts'
import { writeEventPage } from '../../wire/page-codec.ts'
import {
  BACKWARDS,
  DIRECTIONS,
  type EntryKind,
  entryTypes,
  FORWARDS,
  FOUND,
  VERBS,
} from './entry-types.ts'
import * as write from './write-parts.ts'

/** The message type of a kind, and the field of an `Any` that names it. */
type Name = { readonly type: string; readonly typeUrl: Uint8Array }

// Nobody uses it at the moment. It is taken away while an entry is written, because reading a
// property of an author's value may run code that encodes another entry.
let idleWriter: ByteWriter | undefined = new ByteWriter()

const NAMES: ReadonlyMap<EntryKind, Name> = new Map(
  Array.from(entryTypes, ([kind, type]) => [kind, { type, typeUrl: typeUrlField(type) }]),
)
const EVENT = write.lengthTag(3)
const EVENT_VALUE = write.lengthTag(2)

/**
 * The event of an entry.
 *
 * @param sequence the place of the entry in its journal, from 0
 * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`; what page-codec.ts throws for a place
 * or a time that no page can have
 */
export function encodeEntry(entry: Entry, sequence: Sequence): NewEvent {
  // The names are made from the kinds, so that each kind has one.
  const { type, typeUrl } = NAMES.get(entry.kind) as Name
  const writer = idleWriter ?? new ByteWriter()
  idleWriter = undefined
  try {
    writePage(writer, entry, sequence, typeUrl)
    return { type, page: writer.take() }
  } finally {
    // What an entry that could not be written has left behind is dropped.
    writer.rewind(0)
    idleWriter = writer
  }
}

function writePage(w: ByteWriter, entry: Entry, sequence: Sequence, typeUrl: Uint8Array): void {
  writeEventPage({ sequence, createdAt: entry.at }, w)
  w.uint32(EVENT)
  const event = w.open()
  w.raw(typeUrl)
  const tagAt = w.length
  w.uint32(EVENT_VALUE)
  const value = w.open()
  writeEntry(w, entry)
  // An empty message is left out.
  if (w.length === tagAt + 2) w.rewind(tagAt)
  else w.close(value)
  w.close(event)
}

function typeUrlField(type: string): Uint8Array {
  const writer = new ByteWriter()
  write.writeText(writer, 1, TYPE_URL_PREFIX + type)
  return writer.take()
}

function writeEntry(w: ByteWriter, entry: Entry): void {
  writeHappened(w, entry)
  write.writeBegins(w, entry.begins)
  write.writeTurn(w, entry.turns)
}

function writeHappened(w: ByteWriter, entry: Happened): void {
  switch (entry.kind) {
    case 'started':
      return writeStarted(w, entry)
    case 'prepared':
    case 'resumed':
      write.writeText(w, 1, entry.path)
      return write.writeWord(w, 2, DIRECTIONS, entry.direction)
    case 'chosen':
      write.writeText(w, 1, entry.path)
      return write.writeNumber(w, 2, zigzag(entry.branch))
    case 'succeeded':
      writeAttempt(w, entry)
      write.writeChange(w, 3, entry.change)
      return write.writeTexts(w, 4, entry.services ?? [])
    case 'undone':
      writeAttempt(w, entry)
      return write.writeChange(w, 3, entry.change)
    case 'failed':
      return writeFailed(w, entry)
    case 'undo-failed':
      writeAttempt(w, entry)
      write.writeFailure(w, 3, entry.failure)
      return write.writeTime(w, 4, entry.again)
    case 'probed':
      writeAttempt(w, entry)
      writeFound(w, entry.found)
      return write.writeTime(w, 5, entry.again)
    case 'child':
      return writeChild(w, entry)
    case 'joined':
    case 'timed-out':
      write.writeText(w, 1, entry.path)
      return write.writeFailure(w, 2, entry.failure)
    case 'undo-added':
      write.writeText(w, 1, entry.path)
      write.writeText(w, 2, entry.name)
      return write.writeValue(w, 3, entry.data)
    case 'signalled':
      write.writeText(w, 1, entry.signal)
      return write.writeValue(w, 2, entry.data)
    case 'cancelled':
    case 'compensation-requested':
      return write.writeText(w, 1, entry.reason)
    case 'resolved':
      return writeResolved(w, entry)
    case 'deadline-passed':
      return undefined
  }
}

type Of<K extends EntryKind> = Extract<Happened, { kind: K }>

function writeStarted(w: ByteWriter, entry: Of<'started'>): void {
  write.writeText(w, 1, entry.id)
  write.writeText(w, 2, entry.definition)
  write.writeText(w, 3, entry.fingerprint)
  write.writeValue(w, 4, entry.input)
  if (entry.parent !== undefined) {
    w.uint32(write.lengthTag(5))
    const opened = w.open()
    write.writeText(w, 1, entry.parent.id)
    write.writeText(w, 2, entry.parent.path)
    w.close(opened)
  }
  write.writeText(w, 6, entry.correlationId)
}

function writeAttempt(w: ByteWriter, entry: { readonly path: string; readonly attempt: number }) {
  write.writeText(w, 1, entry.path)
  write.writeNumber(w, 2, entry.attempt)
}

function writeFailed(w: ByteWriter, entry: Of<'failed'>): void {
  writeAttempt(w, entry)
  write.writeFailure(w, 3, entry.failure)
  write.writeNumber(w, 4, entry.happened ? 1 : 0)
  write.writeTime(w, 5, entry.again)
  write.writeTexts(w, 6, entry.services ?? [])
}

function writeFound(w: ByteWriter, found: Found): void {
  write.writeWord(w, 3, FOUND, found.kind)
  if (found.kind === 'happened') write.writeChange(w, 4, found.change)
}

function writeChild(w: ByteWriter, entry: Of<'child'>): void {
  write.writeText(w, 1, entry.path)
  write.writeWord(w, 2, FORWARDS, entry.forward)
  write.writeWord(w, 3, BACKWARDS, entry.backward)
  write.writeChange(w, 4, entry.change)
  write.writeFailure(w, 5, entry.failure)
}

function writeResolved(w: ByteWriter, entry: Of<'resolved'>): void {
  write.writeText(w, 1, entry.path)
  write.writeWord(w, 2, VERBS, entry.verb)
  write.writeText(w, 3, entry.by)
  write.writeText(w, 4, entry.reason)
  if (entry.data !== undefined) write.writeValue(w, 5, entry.data)
  if (entry.undo !== undefined) {
    w.uint32(write.lengthTag(6))
    w.string(entry.undo)
  }
  if (entry.added !== undefined) {
    w.uint32(7 * 8)
    w.uint32(entry.added)
  }
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}
