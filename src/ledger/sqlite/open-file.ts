/**
 * Makes sure that a file is a ledger of a version we know, creating or upgrading it under SQLite's
 * own lock: two processes may open one file at once.
 */
import { codedError } from '../../errors.ts'
import { type Connection, openDatabase, query } from './connection.ts'
import { corruptError, isBusy, openError } from './sqlite-error.ts'

/** Marks our files, in their header: "AMND". */
export const APPLICATION_ID = 0x41_4d_4e_44

/** The number of the newest file in `migrations/`. */
export const NEWEST_VERSION = 1

/** What the header of a file says. */
export type FileHeader = {
  readonly applicationId: number
  readonly version: number
  readonly objects: number
}

/**
 * Creates, upgrades or just recognises the ledger at a path.
 *
 * @throws CodedError `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`, `LEDGER_CORRUPT`,
 * `LEDGER_OPEN_FAILED`, `LEDGER_BUSY`
 */
export function prepareFile(path: string, options: { readonly busyMs: number }): void {
  let connection: Connection | undefined
  try {
    connection = openDatabase(path, options)
    if (!isCurrent(readHeader(connection), path)) migrate(connection, path)
    enterWal(connection, options.busyMs)
  } catch (error) {
    throw openError(error, path)
  } finally {
    connection?.close()
  }
}

/** Reads what tells a ledger from other files. */
export function readHeader(connection: Connection): FileHeader {
  const one = (sql: string): number => query<[number]>(connection, sql).get()?.[0] ?? 0
  return {
    applicationId: one('PRAGMA application_id'),
    version: one('PRAGMA user_version'),
    objects: one('SELECT count(*) FROM sqlite_schema'),
  }
}

/**
 * True for a ledger of the newest version, false for an older one and for an empty file.
 *
 * @throws CodedError `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`, `LEDGER_CORRUPT`
 */
export function isCurrent(header: FileHeader, path: string): boolean {
  const { applicationId, version, objects } = header
  if (applicationId === 0 && version === 0 && objects === 0) return false
  if (applicationId !== APPLICATION_ID) {
    throw codedError('LEDGER_NOT_A_LEDGER', {
      details: { path, application_id: applicationId },
      hint: 'The file is a database of another program. Name a new file, or one Amends has made.',
    })
  }
  if (version > NEWEST_VERSION) {
    throw codedError('LEDGER_NEWER_VERSION', {
      details: { path, version, newest_known: NEWEST_VERSION },
      hint: 'Open it with the version of Amends that wrote it, or a later one.',
    })
  }
  if (version < 1 || objects === 0) throw corruptError(path, 'the header and the tables disagree')
  return version === NEWEST_VERSION
}

function migrate(connection: Connection, path: string): void {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const header = readHeader(connection)
    if (!isCurrent(header, path)) {
      for (let version = header.version + 1; version <= NEWEST_VERSION; version++) {
        connection.exec(readMigration(version))
      }
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
      connection.exec(`PRAGMA user_version = ${NEWEST_VERSION}`)
    }
    connection.exec('COMMIT')
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

function readMigration(version: number): string {
  const name = `${String(version).padStart(4, '0')}.sql`
  // Not imported: the module form of node:fs would load all of its streams.
  const { readFileSync } = process.getBuiltinModule('node:fs')
  return readFileSync(new URL(`./migrations/${name}`, import.meta.url), 'utf8')
}

/** Changing the journal needs the file alone for a moment, and SQLite does not wait for that. */
function enterWal(connection: Connection, busyMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      connection.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || waitedMs >= busyMs) throw error
      Atomics.wait(pause, 0, 0, PAUSE_MS)
    }
  }
}

const PAUSE_MS = 5
