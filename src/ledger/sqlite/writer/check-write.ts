/** Decides whether a write may be stored, before anything of it is. */
import { codedError } from '../../../errors.ts'
import { limits } from '../../../limits.ts'
import { claimHash, SELECT_CLAIM } from '../claim-hash.ts'
import { type Connection, query, type Statement } from '../connection.ts'
import { GenerationMap } from '../generation-map.ts'
import { type Answer, packError } from '../packed-answers.ts'
import { VERSION_ABSENT, VERSION_ANY } from '../packed-group.ts'
import { keyOfText } from '../stream-text.ts'
import type {
  UnpackedAppend,
  UnpackedCondition,
  UnpackedSnapshot,
  UnpackedWrite,
} from '../unpack-group.ts'
import type { Interner } from './interner.ts'

/** Answers for writes that may not be stored. */
export class WriteChecker {
  readonly #interner: Interner
  /** Writes of late that were stored, with their commits. */
  readonly #stored = new GenerationMap<string, number>(4 * limits.writesPerGroupMax)
  /** Checks of late that held. Nothing of them is stored, but writes may be decided upon them. */
  readonly #held = new GenerationMap<string, true>(2 * limits.ledgerQueueMax)
  readonly #selectVersion: Statement<[number]>
  readonly #selectClaim: Statement<[number]>
  readonly #selectCommit: Statement<[number]>

  constructor(connection: Connection, interner: Interner) {
    this.#interner = interner
    this.#selectVersion = query(connection, 'SELECT version FROM rows WHERE space = ? AND key = ?')
    this.#selectClaim = query(connection, SELECT_CLAIM)
    this.#selectCommit = query(connection, 'SELECT number FROM commits WHERE id = ?')
  }

  /**
   * `undefined` when the write may be stored. Conditions come first, then claims (so that a
   * repetition is a duplicate although its stream has moved), then what appends and rows expect. A
   * write that is stored already is not refused for what it did itself.
   */
  refusal(write: UnpackedWrite): Answer | undefined {
    const again = this.#stored.get(write.id)
    if (again !== undefined) return { kind: 'stored', number: again }
    const refused =
      this.#condition(write) ??
      this.#claim(write) ??
      this.#append(write) ??
      this.#row(write) ??
      this.#snapshot(write)
    if (refused === undefined) return undefined
    const number = this.storedAs(write.id)
    return number === undefined ? refused : { kind: 'stored', number }
  }

  /** Notes that a check held. */
  noteHeld(id: string): void {
    this.#held.set(id, true)
  }

  /** Notes that a write was stored. */
  noteStored(id: string, number: number): void {
    this.#stored.set(id, number)
  }

  /** Forgets what was noted: some of it was rolled back. */
  clear(): void {
    this.#held.clear()
    this.#stored.clear()
  }

  /** The commit that stored a write id. */
  storedAs(id: string): number | undefined {
    return this.#stored.get(id) ?? this.#selectCommit.get(id)?.[0]
  }

  #condition(write: UnpackedWrite): Answer | undefined {
    if (write.conditions.length === 0) return undefined
    for (const [index, condition] of write.conditions.entries()) {
      const actual = this.#mismatch(condition)
      if (actual !== undefined) return { kind: 'conflict', source: 'condition', index, actual }
    }
    return undefined
  }

  /** What stands there instead; `undefined` when the condition holds. */
  #mismatch(condition: UnpackedCondition): number | undefined {
    switch (condition.kind) {
      case 'stream': {
        const next = this.#next(condition.stream)
        return next === condition.next ? undefined : next
      }
      case 'row': {
        const version = this.#version(condition.space, condition.key)
        return version === condition.version ? undefined : version
      }
      case 'write': {
        const { id } = condition
        const holds = this.#held.get(id) ?? this.storedAs(id) !== undefined
        return holds ? undefined : VERSION_ABSENT
      }
      default:
        return condition satisfies never
    }
  }

  #claim(write: UnpackedWrite): Answer | undefined {
    if (write.claims.length === 0) return undefined
    for (const [index, claim] of write.claims.entries()) {
      const stream = this.#interner.knownStream(claim.stream)
      if (stream === undefined) continue
      const number = this.#selectClaim.get(stream.id, claimHash(claim.key), claim.key)?.[0]
      if (number !== undefined) return { kind: 'duplicate', index, number }
    }
    return undefined
  }

  #append(write: UnpackedWrite): Answer | undefined {
    let index = 0
    for (const append of write.appends) {
      const actual = this.#next(append.stream)
      if (actual !== append.at && !this.#branchesOff(append, actual)) {
        return { kind: 'conflict', source: 'append', index, actual }
      }
      index++
    }
    return undefined
  }

  #branchesOff(append: UnpackedAppend, next: number): boolean {
    if (append.at < next || append.types.length === 0) return false
    if (keyOfText(append.stream).edition === '') return false
    return this.#interner.knownStream(append.stream)?.empty !== false
  }

  #row(write: UnpackedWrite): Answer | undefined {
    if (write.rows.length === 0) return undefined
    for (const [index, row] of write.rows.entries()) {
      if (row.expected === VERSION_ANY) continue
      const actual = this.#version(row.space, row.key)
      if (actual !== row.expected) return { kind: 'conflict', source: 'row', index, actual }
    }
    return undefined
  }

  /** A snapshot ahead of its stream would swallow the events that come. */
  #snapshot(write: UnpackedWrite): Answer | undefined {
    for (const snapshot of write.snapshots) {
      const next = this.#nextAfter(write, snapshot)
      if (snapshot.sequence < next) continue
      const error = codedError('LEDGER_WRITE_INVALID', {
        details: { rule: 'a snapshot lies before the next sequence', next, at: snapshot.sequence },
      })
      return { kind: 'failed', error: packError(error) }
    }
    return undefined
  }

  #nextAfter(write: UnpackedWrite, snapshot: UnpackedSnapshot): number {
    const append = write.appends.find((one) => one.stream === snapshot.stream)
    return append === undefined ? this.#next(snapshot.stream) : append.at + append.types.length
  }

  #next(stream: string): number {
    return this.#interner.knownStream(stream)?.next ?? 0
  }

  #version(space: string, key: string): number {
    const id = this.#interner.knownName(space)
    return (id === undefined ? undefined : this.#selectVersion.get(id, key)?.[0]) ?? VERSION_ABSENT
  }
}
