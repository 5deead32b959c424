/**
 * The index of correlation ids, built by a follower of the log so that no commit pays for it. Its
 * entries and its position are one transaction.
 */
import { type Change, change, type Connection, query, type Statement } from '../connection.ts'
import { readCorrelationId, RECORD_PREFIX_BYTES } from '../event-record.ts'

/** Writes the index behind the log. */
export class CorrelationIndex {
  readonly #begin: Change
  readonly #commit: Change
  readonly #selectPosition: Statement<[number]>
  readonly #updatePosition: Change
  readonly #selectRecords: Statement<[position: number, record: Uint8Array]>
  readonly #insert: Change

  constructor(connection: Connection) {
    this.#begin = change(connection, 'BEGIN IMMEDIATE')
    this.#commit = change(connection, 'COMMIT')
    this.#selectPosition = query(connection, SELECT_INDEXED_POSITION)
    this.#updatePosition = change(
      connection,
      "UPDATE progress SET position = ? WHERE name = 'correlations'",
    )
    this.#selectRecords = query(connection, SELECT_RECORDS)
    this.#insert = change(connection, 'INSERT OR IGNORE INTO correlations VALUES (?, ?)')
  }

  /** Indexes the next events; true when there are none left. Leaves an error to its caller. */
  advance(eventsMax: number): boolean {
    const from = this.#selectPosition.get()?.[0] ?? 0
    if (this.#selectRecords.get(from, 1) === undefined) return true
    this.#begin.run()
    const records = this.#selectRecords.all(this.#selectPosition.get()?.[0] ?? 0, eventsMax)
    for (const [position, record] of records) {
      const correlationId = readCorrelationId(record)
      if (correlationId !== '') this.#insert.run(correlationId, position)
    }
    const last = records.at(-1)
    if (last !== undefined) this.#updatePosition.run(last[0])
    this.#commit.run()
    return records.length < eventsMax
  }
}

/** Up to where the index reaches. */
export const SELECT_INDEXED_POSITION = "SELECT position FROM progress WHERE name = 'correlations'"

const SELECT_RECORDS = `
  SELECT position, substr(record, 1, ${RECORD_PREFIX_BYTES}) FROM events
  WHERE position > ? ORDER BY position LIMIT ?`
