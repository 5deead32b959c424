/**
 * Rows on their way into one table. Several rows in one statement cost a quarter less than one at a
 * time, so they are held until there are enough, or until somebody needs to see them.
 */
import { type Change, change, type Connection, type SqlInput } from '../connection.ts'

/** Rows of one statement; more gain nothing. */
const ROWS_MAX = 8

/** Collects rows for `INSERT INTO ... VALUES`. */
export class RowBuffer {
  readonly #insertMany: Change
  readonly #insertOne: Change
  readonly #columns: number
  #values: SqlInput[] = []
  #rows = 0

  /** @param into table and columns, e.g. `events (position, stream)` */
  constructor(connection: Connection, into: string, columns: number) {
    const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`
    const rows = Array.from({ length: ROWS_MAX }, () => row).join(', ')
    this.#insertMany = change(connection, `INSERT INTO ${into} VALUES ${rows}`)
    this.#insertOne = change(connection, `INSERT INTO ${into} VALUES ${row}`)
    this.#columns = columns
  }

  /** Adds a row; as many values as there are columns. */
  add(...values: SqlInput[]): void {
    for (const value of values) this.#values.push(value)
    if (++this.#rows < ROWS_MAX) return
    this.#insertMany.run(...this.#values)
    this.clear()
  }

  /** Brings all rows into the table. */
  flush(): void {
    for (let row = 0; row < this.#rows; row++) {
      const from = row * this.#columns
      this.#insertOne.run(...this.#values.slice(from, from + this.#columns))
    }
    this.clear()
  }

  /** Forgets rows that are not in the table: what they belong to was rolled back. */
  clear(): void {
    this.#values = []
    this.#rows = 0
  }
}
