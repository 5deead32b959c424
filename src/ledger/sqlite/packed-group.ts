/**
 * A group of writes as it crosses to the writer's thread: one flat array of plain values and one
 * buffer with every record, row value and snapshot. Cloning that is several times cheaper than
 * cloning the writes.
 */
import type { Nanoseconds } from '../../clock.ts'
import type { Append, Condition, Deletion, RowChange, StoredSnapshot, Write } from '../ledger.ts'
import { OPEN } from '../ledger.ts'
import { recordBytesMax, writeRecord } from './event-record.ts'
import { textOfKey } from './stream-text.ts'

/** What a plan is made of. */
export type PlanValue = string | number | bigint | null

/** Writes that share one transaction if nothing goes wrong. */
export type PackedGroup = {
  /** How many writes it has. */
  readonly writes: number
  readonly plan: readonly PlanValue[]
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The wall clock when the group was made. */
  readonly wall: Nanoseconds
}

/** Stands for "no such row" and "whatever the version" where a version is expected. */
export const VERSION_ABSENT = -1
export const VERSION_ANY = -2

/** Sections of a write; a write carries only those it has. */
export const SECTION = {
  conditions: 1,
  appends: 2,
  claims: 4,
  rows: 8,
  snapshots: 16,
  deletions: 32,
} as const

/** Packs groups into one scratch buffer, which grows to the largest group seen. */
export class GroupPacker {
  #scratch = Buffer.allocUnsafeSlow(64 * 1024)
  #used = 0
  #plan: PlanValue[] = []

  /** Packs writes in their order. The buffer of the group is its own. */
  pack(writes: readonly Write[], wall: Nanoseconds): PackedGroup {
    this.#used = 0
    this.#plan = []
    for (const write of writes) this.#write(write)
    const bytes = new Uint8Array(this.#used)
    bytes.set(this.#scratch.subarray(0, this.#used))
    return { writes: writes.length, plan: this.#plan, bytes, wall }
  }

  #write(write: Write): void {
    const plan = this.#plan
    plan.push(write.id)
    const sectionsAt = plan.push(0) - 1
    let sections = 0
    const section = <T>(bit: number, items: readonly T[] | undefined, put: (item: T) => void) => {
      if (items === undefined || items.length === 0) return
      sections |= bit
      plan.push(items.length)
      for (const item of items) put(item)
    }
    section(SECTION.conditions, write.conditions, (one) => this.#condition(one))
    section(SECTION.appends, write.appends, (one) => this.#append(one))
    section(SECTION.claims, write.claims, (one) => plan.push(textOfKey(one.scope), one.key))
    section(SECTION.rows, write.rows, (one) => this.#row(one))
    section(SECTION.snapshots, write.snapshots, (one) => this.#snapshot(one))
    section(SECTION.deletions, write.deletions, (one) => this.#deletion(one))
    plan[sectionsAt] = sections
  }

  #condition(condition: Condition): void {
    const plan = this.#plan
    plan.push(condition.kind)
    switch (condition.kind) {
      case 'stream':
        plan.push(textOfKey(condition.key), condition.next)
        return
      case 'row':
        plan.push(condition.space, condition.key, versionNumber(condition.version))
        return
      case 'write':
        plan.push(condition.id)
        return
      default:
        condition satisfies never
    }
  }

  #append(append: Append): void {
    const { key, at, events, correlationId } = append
    const visibility = append.visibility ?? OPEN
    this.#plan.push(textOfKey(key), at, events.length, this.#used)
    for (const { type, page } of events) {
      const parts = { correlationId, visibility, page }
      this.#plan.push(type)
      this.#reserve(recordBytesMax(parts))
      this.#used = writeRecord(this.#scratch, this.#used, parts)
    }
  }

  #row(row: RowChange): void {
    const plan = this.#plan
    plan.push(row.kind === 'put' ? 1 : 0, row.space, row.key, versionNumber(row.expected))
    if (row.kind === 'put') {
      plan.push(this.#bytes(row.value), row.value.length, row.group ?? null, row.dueAt ?? null)
    }
  }

  #snapshot(snapshot: StoredSnapshot): void {
    const { key, sequence, state, retention, createdAt } = snapshot
    this.#plan.push(
      textOfKey(key),
      sequence,
      retention,
      createdAt,
      this.#bytes(state),
      state.length,
    )
  }

  #deletion(deletion: Deletion): void {
    const plan = this.#plan
    plan.push(deletion.kind)
    switch (deletion.kind) {
      case 'stream':
        plan.push(textOfKey(deletion.key), null)
        return
      case 'edition':
        plan.push(deletion.domain, deletion.edition)
        return
      case 'claims':
        plan.push(deletion.madeBefore, deletion.upTo)
        return
      case 'space':
        plan.push(deletion.space, null)
        return
      default:
        deletion satisfies never
    }
  }

  /** Copies bytes into the buffer and returns where they begin. */
  #bytes(bytes: Uint8Array): number {
    this.#reserve(bytes.length)
    const at = this.#used
    this.#scratch.set(bytes, at)
    this.#used += bytes.length
    return at
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes
    if (needed <= this.#scratch.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#scratch.length * 2))
    this.#scratch.copy(grown, 0, 0, this.#used)
    this.#scratch = grown
  }
}

function versionNumber(version: number | 'absent' | 'any'): number {
  return version === 'absent' ? VERSION_ABSENT : version === 'any' ? VERSION_ANY : version
}
