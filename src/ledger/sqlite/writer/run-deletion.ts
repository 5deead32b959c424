/**
 * Explicit deletions. What belongs to a stream goes with it: events, snapshots, claims, and its
 * entries in the correlation index. The stream goes on counting; a tombstone says what was removed.
 */
import type { Deletion } from '../../ledger.ts'
import { type Change, change, type Connection, query, type Statement } from '../connection.ts'
import { readCorrelationId, RECORD_PREFIX_BYTES } from '../event-record.ts'
import { textOfKey } from '../stream-text.ts'
import type { Interner } from './interner.ts'
import type { LedgerState } from './ledger-state.ts'

/** Runs the deletions of a write. */
export class DeletionRunner {
  readonly #interner: Interner
  readonly #raiseBase: Change
  readonly #deleteEvents: Change
  readonly #deleteSnapshots: Change
  readonly #deleteClaims: Change
  readonly #deleteSpace: Change
  readonly #pruneClaims: Change
  readonly #selectClaims: Statement<[first: number, last: number]>
  readonly #selectClaimAt: Statement<[number: number]>
  readonly #deleteCorrelation: Change
  readonly #insertTombstone: Change
  readonly #selectRecords: Statement<[sequence: number, position: number, record: Uint8Array]>
  readonly #selectStreams: Statement<[id: number]>
  readonly #selectCommit: Statement<[recorded: bigint, last: bigint]>

  constructor(connection: Connection, interner: Interner) {
    this.#interner = interner
    this.#raiseBase = change(connection, RAISE_BASE)
    this.#deleteEvents = change(connection, 'DELETE FROM events WHERE stream = ?')
    this.#deleteSnapshots = change(connection, 'DELETE FROM snapshots WHERE stream = ?')
    this.#deleteClaims = change(connection, 'DELETE FROM claims WHERE stream = ?')
    this.#deleteSpace = change(connection, 'DELETE FROM rows WHERE space = ?')
    this.#pruneClaims = change(connection, 'DELETE FROM claims WHERE id <= ?')
    this.#selectClaims = query(
      connection,
      'SELECT coalesce((SELECT min(id) FROM claims), 1), coalesce((SELECT max(id) FROM claims), 0)',
    )
    // The claim at an id, or the next one where streams were deleted.
    this.#selectClaimAt = query(
      connection,
      'SELECT number FROM claims WHERE id >= ? ORDER BY id LIMIT 1',
    )
    this.#deleteCorrelation = change(
      connection,
      'DELETE FROM correlations WHERE id = ? AND position = ?',
    )
    this.#insertTombstone = change(
      connection,
      'INSERT INTO tombstones (number, kind, what, removed) VALUES (?, ?, ?, ?)',
    )
    this.#selectRecords = query(connection, SELECT_RECORDS)
    this.#selectStreams = query(connection, 'SELECT id FROM streams WHERE timeline = ?')
    this.#selectCommit = query(connection, 'SELECT recorded, last FROM commits WHERE number = ?', {
      wide: true,
    })
  }

  /** Runs one deletion and leaves its tombstone. */
  run(deletion: Deletion, state: LedgerState): void {
    const { what, removed } = this.#remove(deletion, state)
    this.#insertTombstone.run(state.number, deletion.kind, what, removed)
  }

  #remove(deletion: Deletion, state: LedgerState): { what: string; removed: number } {
    switch (deletion.kind) {
      case 'stream': {
        const stream = this.#interner.knownStream(textOfKey(deletion.key))
        const { domain, edition, root } = deletion.key
        const removed = stream === undefined ? 0 : this.#stream(stream.id)
        return { what: `${edition}:${domain}:${root}`, removed }
      }
      case 'edition': {
        const { domain, edition } = deletion
        const timeline = this.#interner.knownTimeline(domain, edition)
        const streams = timeline === undefined ? [] : this.#selectStreams.all(timeline)
        const removed = streams.reduce((sum, [id]) => sum + this.#stream(id), 0)
        return { what: `${edition}:${domain}`, removed }
      }
      case 'claims': {
        const last = this.#lastClaimOf(this.#lastBefore(deletion, state))
        const removed = this.#pruneClaims.run(last)
        return { what: `before ${deletion.madeBefore}`, removed: Number(removed.changes) }
      }
      case 'space': {
        const space = this.#interner.knownName(deletion.space)
        const removed = space === undefined ? 0 : Number(this.#deleteSpace.run(space).changes)
        return { what: deletion.space, removed }
      }
      default:
        return deletion satisfies never
    }
  }

  #stream(id: number): number {
    this.#raiseBase.run(id)
    for (let after = -1; ;) {
      const records = this.#selectRecords.all(id, after)
      if (records.length === 0) break
      for (const [sequence, position, record] of records) {
        const correlationId = readCorrelationId(record)
        if (correlationId !== '') this.#deleteCorrelation.run(correlationId, position)
        after = sequence
      }
    }
    this.#deleteSnapshots.run(id)
    this.#deleteClaims.run(id)
    return Number(this.#deleteEvents.run(id).changes)
  }

  /** The last claim of a commit or an earlier one: claims ascend with the commits' numbers. */
  #lastClaimOf(number: number): number {
    const [first, last] = this.#selectClaims.get() ?? [0, 0]
    let low = first - 1
    let high = last
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const made = this.#selectClaimAt.get(middle)?.[0] ?? Number.MAX_SAFE_INTEGER
      if (made <= number) low = middle
      else high = middle - 1
    }
    return low
  }

  /** The last commit before a time and up to a position: both ascend with the commits' numbers. */
  #lastBefore(deletion: Deletion & { kind: 'claims' }, state: LedgerState): number {
    let low = 0
    // The commit that is under way has no row yet.
    let high = state.number - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const [recorded, last] = this.#selectCommit.get(middle) ?? [0n, 0n]
      if (recorded < deletion.madeBefore && Number(last) <= deletion.upTo) low = middle
      else high = middle - 1
    }
    return low
  }
}

const RAISE_BASE = `
  UPDATE streams SET base = max(base, coalesce(
    (SELECT max(sequence) + 1 FROM events WHERE stream = streams.id), 0))
  WHERE id = ?`

const SELECT_RECORDS = `
  SELECT sequence, position, substr(record, 1, ${RECORD_PREFIX_BYTES}) FROM events
  WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT 256`
