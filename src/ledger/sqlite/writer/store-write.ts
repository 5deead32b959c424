/** Stores a write that passed its checks. Runs inside a transaction of the group writer. */
import type { Retention } from '../../ledger.ts'
import { claimHash } from '../claim-hash.ts'
import { type Change, change, type Connection } from '../connection.ts'
import { stampRecord } from '../event-record.ts'
import type {
  UnpackedAppend,
  UnpackedRow,
  UnpackedSnapshot,
  UnpackedWrite,
} from '../unpack-group.ts'
import { DeletionRunner } from './run-deletion.ts'
import type { Interner } from './interner.ts'
import type { LedgerState } from './ledger-state.ts'
import { RowBuffer } from './row-buffer.ts'

/** How retention is stored. */
const RETENTION: Readonly<Record<Retention, number>> = {
  default: 0,
  persist: 1,
  transient: 2,
}

/** The inserts of a write. */
export class WriteStorer {
  readonly #interner: Interner
  readonly #deletions: DeletionRunner
  readonly #commits: RowBuffer
  readonly #events: RowBuffer
  readonly #insertClaim: Change
  readonly #putRow: Change
  readonly #removeRow: Change
  readonly #putSnapshot: Change
  readonly #pruneSnapshots: Change

  constructor(connection: Connection, interner: Interner) {
    this.#interner = interner
    this.#deletions = new DeletionRunner(connection, interner)
    this.#commits = new RowBuffer(connection, COMMITS, 6)
    this.#events = new RowBuffer(connection, EVENTS, 4)
    this.#insertClaim = change(connection, INSERT_CLAIM)
    this.#putRow = change(connection, PUT_ROW)
    this.#removeRow = change(connection, REMOVE_ROW)
    this.#putSnapshot = change(connection, PUT_SNAPSHOT)
    this.#pruneSnapshots = change(connection, PRUNE_SNAPSHOTS)
  }

  /**
   * Stores a write and returns its answer: the number of its commit, then the first position of each
   * append, 0 for those without events. Some rows wait for {@link flush}.
   */
  store(write: UnpackedWrite, state: LedgerState): number[] {
    state.number += 1
    const answer = [state.number]
    const first = state.tip + 1
    if (write.deletions.length > 0) this.flush()
    for (const deletion of write.deletions) this.#deletions.run(deletion, state)
    // Where streams stand is read again: some are empty now.
    if (write.deletions.length > 0) this.#interner.clear()
    for (const append of write.appends) answer.push(this.#append(append, state, write.buffer))
    for (const claim of write.claims) {
      this.#insertClaim.run(
        this.#interner.stream(claim.stream).id,
        claimHash(claim.key),
        state.number,
        claim.key,
      )
    }
    for (const row of write.rows) this.#row(row, state)
    for (const snapshot of write.snapshots) this.#snapshot(snapshot)
    const { number, recordedAt, tip } = state
    this.#commits.add(number, write.id, recordedAt, first, tip, this.#checksOf(write))
    return answer
  }

  /** Brings everything that was stored into its tables. */
  flush(): void {
    this.#commits.flush()
    this.#events.flush()
  }

  /** Forgets what was not brought into its tables: the transaction was rolled back. */
  clear(): void {
    this.#commits.clear()
    this.#events.clear()
  }

  #append(append: UnpackedAppend, state: LedgerState, buffer: DataView): number {
    const { types } = append
    if (types.length === 0) return 0
    const stream = this.#interner.stream(append.stream)
    if (append.at > stream.next) this.#interner.beginAt(stream, append.at)
    stream.empty = false
    const first = state.tip + 1
    let offset = append.offset
    for (const type of types) {
      const stamp = {
        commit: state.number,
        recordedAt: state.recordedAt,
        position: state.tip + 1,
        stream: stream.id,
        sequence: stream.next,
        type: this.#interner.name(type),
      }
      const length = stampRecord(buffer, offset, stamp)
      const record = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length)
      state.tip += 1
      this.#events.add(state.tip, stream.id, stream.next, record)
      stream.next += 1
      offset += length
    }
    return first
  }

  /** What the commit's row needs to know of its appends without events, or null. */
  #checksOf(write: UnpackedWrite): string | null {
    if (write.appends.every((append) => append.types.length > 0)) return null
    const checks: [number, number, number][] = []
    for (const [index, append] of write.appends.entries()) {
      if (append.types.length > 0) continue
      checks.push([index, this.#interner.stream(append.stream).id, append.at])
    }
    return JSON.stringify(checks)
  }

  #row(row: UnpackedRow, state: LedgerState): void {
    const { put, key } = row
    const space = this.#interner.name(row.space)
    if (put === undefined) {
      this.#removeRow.run(space, key)
    } else {
      this.#putRow.run(space, key, state.number, put.value, put.group, put.dueAt)
    }
  }

  #snapshot(snapshot: UnpackedSnapshot): void {
    const { sequence, retention, createdAt, state } = snapshot
    const { id } = this.#interner.stream(snapshot.stream)
    this.#putSnapshot.run(id, sequence, RETENTION[retention], createdAt, state)
    this.#pruneSnapshots.run(id)
  }
}

const COMMITS = 'commits (number, id, recorded, first, last, checks)'

const EVENTS = 'events (position, stream, sequence, record)'

const INSERT_CLAIM = 'INSERT INTO claims (stream, hash, number, key) VALUES (?, ?, ?, ?)'

const PUT_ROW = `
  INSERT INTO rows (space, key, version, value, "group", due) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (space, key) DO UPDATE SET
    version = excluded.version, value = excluded.value,
    "group" = excluded."group", due = excluded.due`

const REMOVE_ROW = 'DELETE FROM rows WHERE space = ? AND key = ?'

const PUT_SNAPSHOT = `
  INSERT INTO snapshots (stream, sequence, retention, created, state) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (stream, sequence) DO UPDATE SET
    retention = excluded.retention, created = excluded.created, state = excluded.state`

/** The newest of a stream stays whatever its retention; of the others only 'persist'. */
const PRUNE_SNAPSHOTS = `
  DELETE FROM snapshots WHERE stream = ?1 AND retention <> ${RETENTION.persist}
    AND sequence < (SELECT max(sequence) FROM snapshots WHERE stream = ?1)`
