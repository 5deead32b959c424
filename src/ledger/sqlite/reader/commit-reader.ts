/** Answers what a commit stored, and where the ledger stands. */
import { claimHash, SELECT_CLAIM } from '../claim-hash.ts'
import type { Nanoseconds } from '../../../clock.ts'
import type { Position, WriteId } from '../../../identity.ts'
import type { Appended, Claim, Committed } from '../../ledger.ts'
import { type Connection, query, type Statement } from '../connection.ts'
import type { Directory } from './directory.ts'

type CommitRow = readonly [
  number: bigint,
  id: string,
  recorded: bigint,
  first: bigint,
  last: bigint,
  checks: string | null,
]

type StreamRun = readonly [stream: number, from: number, count: number, position: number]

/** Looks up commits by id, number, claim and time. */
export class CommitReader {
  readonly #directory: Directory
  readonly #selectById: Statement<CommitRow>
  readonly #selectByNumber: Statement<CommitRow>
  readonly #selectRuns: Statement<StreamRun>
  readonly #selectClaim: Statement<[number]>
  readonly #selectLast: Statement<[number: number, last: number]>

  constructor(connection: Connection, directory: Directory) {
    const columns = 'number, id, recorded, first, last, checks'
    this.#directory = directory
    this.#selectById = query(connection, `SELECT ${columns} FROM commits WHERE id = ?`, {
      wide: true,
    })
    this.#selectByNumber = query(connection, `SELECT ${columns} FROM commits WHERE number = ?`, {
      wide: true,
    })
    this.#selectRuns = query(connection, SELECT_RUNS)
    this.#selectClaim = query(connection, SELECT_CLAIM)
    this.#selectLast = query(
      connection,
      'SELECT number, last FROM commits ORDER BY number DESC LIMIT 1',
    )
  }

  /** What a write id stored. */
  find(id: WriteId): Committed | undefined {
    const row = this.#selectById.get(id)
    return row === undefined ? undefined : this.#committed(row)
  }

  /** What a commit stored. */
  byNumber(number: number): Committed | undefined {
    const row = this.#selectByNumber.get(number)
    return row === undefined ? undefined : this.#committed(row)
  }

  /** The commit that holds a claim. */
  claimed(claim: Claim): Committed | undefined {
    const stream = this.#directory.streamId(claim.scope)
    if (stream === undefined) return undefined
    const number = this.#selectClaim.get(stream, claimHash(claim.key), claim.key)?.[0]
    return number === undefined ? undefined : this.byNumber(number)
  }

  /** The last position given. */
  tip(): Position {
    return this.#selectLast.get()?.[1] ?? 0
  }

  /** The number of the last commit. */
  lastNumber(): number {
    return this.#selectLast.get()?.[0] ?? 0
  }

  /** The last position recorded at or before a time: both ascend with the commits. */
  tipAt(time: Nanoseconds): Position {
    let low = 0
    let high = this.lastNumber()
    let tip = 0
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const row = this.#selectByNumber.get(middle)
      if (row !== undefined && row[2] <= time) {
        low = middle
        tip = Number(row[4])
      } else {
        high = middle - 1
      }
    }
    return tip
  }

  #committed(row: CommitRow): Committed {
    const [number, id, recordedAt, first, last, checks] = row
    const appends = this.#selectRuns.all(first, last).map((run) => this.#appended(run))
    for (const [index, stream, at] of parseChecks(checks)) {
      const key = this.#directory.key(stream)
      appends.splice(index, 0, { key, from: at, count: 0, position: 0 })
    }
    // A stored id is the text of a write id.
    return { kind: 'committed', id: id as WriteId, number: Number(number), recordedAt, appends }
  }

  #appended([stream, from, count, position]: StreamRun): Appended {
    return { key: this.#directory.key(stream), from, count, position }
  }
}

function parseChecks(checks: string | null): readonly (readonly [number, number, number])[] {
  // The writer stored it in this shape.
  return checks === null ? [] : (JSON.parse(checks) as [number, number, number][])
}

const SELECT_RUNS = `
  SELECT stream, min(sequence), count(*), min(position) FROM events
  WHERE position BETWEEN ? AND ? GROUP BY stream ORDER BY min(position)`
