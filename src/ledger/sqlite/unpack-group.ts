/** The writer's side of a packed group: the writes as plain data, their bytes still in the buffer. */
import type { Nanoseconds } from '../../clock.ts'
import type { Condition, Deletion, Retention } from '../ledger.ts'
import { type PackedGroup, type PlanValue, SECTION } from './packed-group.ts'
import { keyOfText } from './stream-text.ts'

/** A write as the writer applies it. Streams are texts, bytes are views of the group's buffer. */
export type UnpackedWrite = {
  readonly id: string
  /** The buffer of its group, in which its records lie. */
  readonly buffer: DataView
  readonly conditions: readonly UnpackedCondition[]
  readonly appends: readonly UnpackedAppend[]
  readonly claims: readonly UnpackedClaim[]
  readonly rows: readonly UnpackedRow[]
  readonly snapshots: readonly UnpackedSnapshot[]
  readonly deletions: readonly Deletion[]
  /** True when it stores nothing, whatever it checks. */
  readonly isCheck: boolean
}

export type UnpackedCondition =
  | { readonly kind: 'stream'; readonly stream: string; readonly next: number }
  | { readonly kind: 'row'; readonly space: string; readonly key: string; readonly version: number }
  | { readonly kind: 'write'; readonly id: string }

export type UnpackedAppend = {
  readonly stream: string
  readonly at: number
  /** Type of each event. */
  readonly types: readonly string[]
  /** Where the first record begins; the others follow. */
  readonly offset: number
}

export type UnpackedClaim = { readonly stream: string; readonly key: string }

export type UnpackedRow = {
  readonly space: string
  readonly key: string
  readonly expected: number
  /** Absent for a removal. */
  readonly put: UnpackedPut | undefined
}

export type UnpackedPut = {
  readonly value: Uint8Array
  readonly group: string | null
  readonly dueAt: bigint | null
}

export type UnpackedSnapshot = {
  readonly stream: string
  readonly sequence: number
  readonly retention: Retention
  readonly createdAt: Nanoseconds
  readonly state: Uint8Array
}

/** Unpacks the writes of a group in their order. */
export function unpackGroup(group: PackedGroup): UnpackedWrite[] {
  return new PlanReader(group).list(group.writes, readWrite)
}

/** Reads a plan from front to back; the packer wrote what is asked for, in that order. */
class PlanReader {
  readonly #plan: readonly PlanValue[]
  readonly #bytes: Uint8Array
  readonly buffer: DataView
  #at = 0

  constructor(group: PackedGroup) {
    const { plan, bytes } = group
    this.#plan = plan
    this.#bytes = bytes
    this.buffer = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  number(): number {
    return this.#plan[this.#at++] as number
  }

  text(): string {
    return this.#plan[this.#at++] as string
  }

  textOrNull(): string | null {
    return this.#plan[this.#at++] as string | null
  }

  wide(): bigint {
    return this.#plan[this.#at++] as bigint
  }

  wideOrNull(): bigint | null {
    return this.#plan[this.#at++] as bigint | null
  }

  bytes(): Uint8Array {
    const from = this.number()
    return this.#bytes.subarray(from, from + this.number())
  }

  list<T>(count: number, read: (reader: PlanReader) => T): T[] {
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read(this))
    return items
  }
}

function readWrite(reader: PlanReader): UnpackedWrite {
  const id = reader.text()
  const sections = reader.number()
  const section = <T>(bit: number, read: (reader: PlanReader) => T): readonly T[] =>
    (sections & bit) === 0 ? [] : reader.list(reader.number(), read)
  const conditions = section(SECTION.conditions, readCondition)
  const appends = section(SECTION.appends, readAppend)
  const claims = section(SECTION.claims, readClaim)
  const rows = section(SECTION.rows, readRow)
  const snapshots = section(SECTION.snapshots, readSnapshot)
  const deletions = section(SECTION.deletions, readDeletion)
  const storing = SECTION.claims | SECTION.rows | SECTION.snapshots | SECTION.deletions
  const { buffer } = reader
  const isCheck = (sections & storing) === 0 && appends.every((one) => one.types.length === 0)
  return { id, buffer, conditions, appends, claims, rows, snapshots, deletions, isCheck }
}

function readCondition(reader: PlanReader): UnpackedCondition {
  const kind = reader.text() as Condition['kind']
  switch (kind) {
    case 'stream':
      return { kind, stream: reader.text(), next: reader.number() }
    case 'row':
      return { kind, space: reader.text(), key: reader.text(), version: reader.number() }
    case 'write':
      return { kind, id: reader.text() }
    default:
      return kind satisfies never
  }
}

function readAppend(reader: PlanReader): UnpackedAppend {
  const stream = reader.text()
  const at = reader.number()
  const count = reader.number()
  const offset = reader.number()
  return { stream, at, offset, types: reader.list(count, (from) => from.text()) }
}

function readClaim(reader: PlanReader): UnpackedClaim {
  return { stream: reader.text(), key: reader.text() }
}

function readRow(reader: PlanReader): UnpackedRow {
  const isPut = reader.number() === 1
  const row = { space: reader.text(), key: reader.text(), expected: reader.number() }
  return { ...row, put: isPut ? readPut(reader) : undefined }
}

function readPut(reader: PlanReader): UnpackedPut {
  return { value: reader.bytes(), group: reader.textOrNull(), dueAt: reader.wideOrNull() }
}

function readSnapshot(reader: PlanReader): UnpackedSnapshot {
  return {
    stream: reader.text(),
    sequence: reader.number(),
    retention: reader.text() as Retention,
    createdAt: reader.wide(),
    state: reader.bytes(),
  }
}

function readDeletion(reader: PlanReader): Deletion {
  const kind = reader.text() as Deletion['kind']
  switch (kind) {
    case 'stream': {
      const key = keyOfText(reader.text())
      reader.textOrNull()
      return { kind, key }
    }
    case 'edition':
      return { kind, domain: reader.text(), edition: reader.text() }
    case 'claims':
      return { kind, madeBefore: reader.wide(), upTo: reader.number() }
    case 'space': {
      const space = reader.text()
      reader.textOrNull()
      return { kind, space }
    }
    default:
      return kind satisfies never
  }
}
