/**
 * A connection as this folder uses it: a narrow view of `DatabaseSync`, so that tests can put
 * something in between, and statements that answer typed tuples.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** What is asked of a database. */
export type Connection = Pick<DatabaseSync, 'exec' | 'prepare' | 'isTransaction' | 'close'>

/** What a statement takes. */
export type SqlInput = null | number | bigint | string | NodeJS.ArrayBufferView

/** A prepared statement whose rows are tuples. */
export type Statement<Row extends readonly unknown[]> = {
  get(...inputs: SqlInput[]): Row | undefined
  all(...inputs: SqlInput[]): Row[]
}

/** A prepared statement that changes something. */
export type Change = Pick<StatementSync, 'run'>

/** How long a statement waits for another process, in milliseconds. */
export type ConnectionOptions = { readonly busyMs: number; readonly pragmas?: string | undefined }

/** Opens a connection with the settings all of ours share. */
export function openDatabase(path: string, options: ConnectionOptions): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: options.busyMs })
  try {
    if (options.pragmas !== undefined) database.exec(options.pragmas)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Prepares a query. Integers are numbers, or bigints when `wide` says that they may be large. */
export function query<Row extends readonly unknown[]>(
  connection: Connection,
  sql: string,
  options: { readonly wide?: boolean } = {},
): Statement<Row> {
  const statement = connection.prepare(sql)
  statement.setReturnArrays(true)
  if (options.wide === true) statement.setReadBigInts(true)
  // The columns of a statement are known where it is written; the driver types rows as objects.
  const rows: unknown = statement
  return rows as Statement<Row>
}

/** Prepares a change. */
export function change(connection: Connection, sql: string): Change {
  return connection.prepare(sql)
}
