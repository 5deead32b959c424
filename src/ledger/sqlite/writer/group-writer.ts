/**
 * Group commit: the writes of a group share one transaction, and so one wait for the disk, each with
 * its own outcome.
 *
 * 1. Writes are decided in the order in which they were offered, each on what those before it did.
 * 2. A write is checked before anything of it is stored, so storing fails for no fault of the write
 *    but those that only SQLite can find: no room, an I/O error, a limit.
 * 3. After such an error nothing of the group has happened: the transaction is rolled back, if
 *    SQLite has not done that already (on a full disk, an I/O error or lack of memory it has, and the
 *    next INSERT would commit on its own). The writes are offered again one by one, each in a
 *    transaction of its own, so that the culprit fails alone. That is as safe as a SAVEPOINT around
 *    each write, which costs every write a fifth of its inserts.
 * 4. When COMMIT throws, nobody knows. The file is opened anew, and a commit of no meaning settles
 *    the fate of what may lie behind the end of the write-ahead log. Then the write ids are looked
 *    up. Only if that fails too is the outcome unknown.
 * 5. Nothing is cached across a rollback or a write of another process.
 * 6. A group of checks reads in one snapshot and costs no write.
 */
import type { Nanoseconds } from '../../../clock.ts'
import { codedError } from '../../../errors.ts'
import { type Change, change, type Connection, query, type Statement } from '../connection.ts'
import {
  type Answer,
  type Answers,
  isBare,
  packAnswers,
  type PackedAnswers,
  packError,
} from '../packed-answers.ts'
import type { PackedGroup } from '../packed-group.ts'
import type { SharedCounters } from '../shared-counters.ts'
import { writeError } from '../sqlite-error.ts'
import { unpackGroup, type UnpackedWrite } from '../unpack-group.ts'
import { WriteChecker } from './check-write.ts'
import { CorrelationIndex } from './correlation-index.ts'
import { Interner } from './interner.ts'
import type { LedgerState } from './ledger-state.ts'
import { WriteStorer } from './store-write.ts'

/** What a writer needs. */
export type GroupWriterOptions = {
  readonly path: string
  readonly open: () => Connection
  readonly counters: SharedCounters
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number
}

/** Decides and stores groups of writes on one connection. */
export class GroupWriter {
  readonly #options: GroupWriterOptions
  #session: Session
  readonly #state: LedgerState = { number: 0, tip: 0, recordedAt: 0n }
  #foreign = 0
  /** How long the last transaction took to get to the disk, in milliseconds. */
  commitMs = 0
  /** Of the connection: changes when another one has written. */
  #dataVersion = -1

  constructor(options: GroupWriterOptions) {
    this.#options = options
    this.#session = openSession(options.open())
    const { counters } = options
    this.#read()
    this.#foreign = counters.isFresh ? 0 : counters.foreign(this.#state.number)
    counters.publish(this.#state.number, this.#foreign)
  }

  /** The connection, for whoever else writes between two groups. */
  get connection(): Connection {
    return this.#session.connection
  }

  /**
   * Decides groups that have come together, as one, and answers each. Never throws: what went wrong
   * is the answer of the writes it concerns.
   */
  run(groups: readonly PackedGroup[]): PackedAnswers[] {
    const unpacked = groups.map(unpackGroup)
    const [only] = unpacked
    const writes = only !== undefined && unpacked.length === 1 ? only : unpacked.flat()
    const wall = groups.reduce((latest, group) => (group.wall > latest ? group.wall : latest), 0n)
    const together = this.#together(writes, wall)
    const apart =
      together === undefined ? writes.map((write) => this.#alone(write, wall)) : undefined
    let at = 0
    return unpacked.map(({ length }) => {
      const from = at
      at += length
      if (together === undefined) return apart?.slice(from, at).map(packAnswers) ?? []
      return [packAnswers({ ...together, answers: together.answers.slice(from, at) })]
    })
  }

  /** Writes a slice of the correlation index; true when it has reached the end of the log. */
  indexCorrelations(eventsMax: number): boolean {
    try {
      return this.#session.correlations.advance(eventsMax)
    } catch (error) {
      this.#restore()
      throw writeError(error, this.#options.path)
    }
  }

  close(): void {
    this.#session.connection.close()
  }

  /** `undefined` when nothing happened and each write deserves a try of its own. */
  #together(writes: UnpackedWrite[], wall: Nanoseconds): Answers | undefined {
    try {
      this.#begin(writes, wall)
    } catch (error) {
      this.#restore()
      return this.#failAll(writes, error)
    }
    const before = this.#state.number
    const answers: Answer[] = []
    try {
      for (const write of writes) answers.push(this.#one(write))
      this.#session.storer.flush()
    } catch (error) {
      this.#state.number = before
      this.#restore()
      return writes.length === 1 ? this.#failAll(writes, error) : undefined
    }
    const { recordedAt } = this.#state
    return { recordedAt, answers: this.#commit(writes, answers, before) }
  }

  #alone(write: UnpackedWrite, wall: Nanoseconds): Answers {
    return this.#together([write], wall) ?? this.#failAll([write], undefined)
  }

  #begin(writes: UnpackedWrite[], wall: Nanoseconds): void {
    const { begin, beginRead, dataVersion } = this.#session
    if (writes.every((write) => write.isCheck)) beginRead.run()
    else begin.run()
    const version = dataVersion.get()?.[0] ?? 0
    if (version !== this.#dataVersion) {
      this.#dataVersion = version
      this.#reload()
    }
    if (wall > this.#state.recordedAt) this.#state.recordedAt = wall
  }

  #one(write: UnpackedWrite): Answer {
    const { checker, storer } = this.#session
    const refusal = checker.refusal(write)
    if (refusal !== undefined) return refusal
    if (write.isCheck) {
      checker.noteHeld(write.id)
      return [0, ...write.appends.map(() => 0)]
    }
    const answer = storer.store(write, this.#state)
    checker.noteStored(write.id, this.#state.number)
    return answer
  }

  #commit(writes: UnpackedWrite[], answers: Answer[], before: number): Answer[] {
    this.#options.counters.publish(this.#state.number, this.#foreign)
    const { monotonicMs } = this.#options
    const started = monotonicMs()
    try {
      this.#session.commit.run()
      this.commitMs = monotonicMs() - started
      return answers
    } catch (error) {
      return this.#settle(writes, answers, { before, error })
    }
  }

  /** The writes of a transaction are all there, or none is. */
  #settle(
    writes: UnpackedWrite[],
    answers: Answer[],
    failed: { readonly before: number; readonly error: unknown },
  ): Answer[] {
    const stored = writes.filter((write, index) => !write.isCheck && isStored(answers[index]))
    let found: boolean
    try {
      this.#reopen()
      this.#session.begin.run()
      found = stored.some((write) => this.#session.checker.storedAs(write.id) !== undefined)
      this.#session.settle.run()
      this.#session.commit.run()
      if (!found) this.#state.number = failed.before
      this.#reload()
    } catch {
      this.#restore()
      const unknown = codedError('COMMIT_OUTCOME_UNKNOWN', { cause: failed.error })
      const answer: Answer = { kind: 'failed', error: packError(unknown) }
      return answers.map(() => answer)
    }
    // What was refused was refused for what its neighbours had done, which is undone.
    return found ? answers : answers.map(() => this.#failure(failed.error))
  }

  /** Makes the connection fit for the next group, whatever happened. */
  #restore(): void {
    try {
      this.#session.checker.clear()
      this.#session.storer.clear()
      if (this.#session.connection.isTransaction) this.#session.rollback.run()
      this.#reload()
    } catch {
      try {
        this.#reopen()
        this.#reload()
      } catch {
        // The next group fails at BEGIN and says why.
      }
    }
  }

  #reopen(): void {
    try {
      this.#session.connection.close()
    } catch {
      // A connection that cannot be closed is not used any more.
    }
    this.#session = openSession(this.#options.open())
    this.#dataVersion = -1
  }

  #reload(): void {
    this.#read()
    this.#options.counters.publish(this.#state.number, this.#foreign)
  }

  /** Reads where the ledger stands; what came since, and is not ours, is foreign. */
  #read(): void {
    const state = this.#state
    this.#session.interner.clear()
    const [number, recorded, last] = this.#session.lastCommit.get() ?? [0n, 0n, 0n]
    this.#foreign += Math.max(0, Number(number) - state.number)
    state.number = Number(number)
    state.tip = Number(last)
    if (recorded > state.recordedAt) state.recordedAt = recorded
  }

  #failAll(writes: UnpackedWrite[], error: unknown): Answers {
    const answer = this.#failure(error)
    return { recordedAt: this.#state.recordedAt, answers: writes.map(() => answer) }
  }

  #failure(error: unknown): Answer {
    return { kind: 'failed', error: packError(writeError(error, this.#options.path)) }
  }
}

/** Everything prepared on one connection. */
type Session = {
  readonly connection: Connection
  readonly interner: Interner
  readonly checker: WriteChecker
  readonly storer: WriteStorer
  readonly correlations: CorrelationIndex
  readonly begin: Change
  readonly beginRead: Change
  readonly rollback: Change
  readonly commit: Change
  readonly settle: Change
  readonly dataVersion: Statement<[number]>
  readonly lastCommit: Statement<[number: bigint, recorded: bigint, last: bigint]>
}

function openSession(connection: Connection): Session {
  const interner = new Interner(connection)
  return {
    connection,
    interner,
    checker: new WriteChecker(connection, interner),
    storer: new WriteStorer(connection, interner),
    correlations: new CorrelationIndex(connection),
    begin: change(connection, 'BEGIN IMMEDIATE'),
    beginRead: change(connection, 'BEGIN'),
    rollback: change(connection, 'ROLLBACK'),
    commit: change(connection, 'COMMIT'),
    settle: change(connection, 'UPDATE progress SET position = position'),
    dataVersion: query(connection, 'PRAGMA data_version'),
    lastCommit: query(
      connection,
      'SELECT number, recorded, last FROM commits ORDER BY number DESC LIMIT 1',
      { wide: true },
    ),
  }
}

function isStored(answer: Answer | undefined): boolean {
  return answer !== undefined && isBare(answer)
}
