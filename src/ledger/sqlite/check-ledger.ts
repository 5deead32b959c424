/**
 * Looks at a whole ledger file: SQLite's own integrity check, and the invariants that the writer
 * keeps. Reads one snapshot, so the ledger may be in use meanwhile.
 */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { type Connection, query } from './connection.ts'
import { checkRecords } from './check-records.ts'
import { INVARIANTS } from './ledger-invariants.ts'
import { isCurrent, readHeader } from './open-file.ts'
import { openError } from './sqlite-error.ts'

/** Something that is not as it should be. */
export type LedgerFinding = {
  /** The rule that is broken. */
  readonly rule: string
  /** Where: the first few places. */
  readonly detail: string
}

/** What a check found. */
export type LedgerCheck = {
  readonly path: string
  readonly clean: boolean
  readonly findings: readonly LedgerFinding[]
  readonly commits: number
  readonly events: number
  readonly streams: number
}

/**
 * Checks the ledger in a file.
 *
 * @throws CodedError `LEDGER_OPEN_FAILED`, `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`,
 * `LEDGER_BUSY`; damage is a finding
 */
export function checkLedger(path: string): LedgerCheck {
  let connection: Connection | undefined
  try {
    connection = openToRead(path)
    connection.exec('PRAGMA query_only = ON; BEGIN')
    return examine(connection, path)
  } catch (error) {
    const coded = openError(error, path)
    if (coded.code !== 'LEDGER_CORRUPT') throw coded
    const finding = { rule: 'the file can be read', detail: coded.details['reason'] ?? '' }
    return { path, clean: false, findings: [finding], commits: 0, events: 0, streams: 0 }
  } finally {
    connection?.close()
  }
}

/** Opens a ledger that exists and is of this version. */
export function openToRead(path: string): DatabaseSync {
  if (!existsSync(path)) {
    throw codedError('LEDGER_OPEN_FAILED', { details: { path }, hint: 'There is no such file.' })
  }
  // Not opened as read-only: the last one to close would leave its log behind.
  const connection = new DatabaseSync(path, { timeout: limits.ledgerBusyMs })
  try {
    const header = readHeader(connection)
    if (!isCurrent(header, path)) {
      throw codedError('LEDGER_NOT_A_LEDGER', {
        details: { path, version: header.version },
        hint: 'The file is empty, or of an older version: open it once with this one.',
      })
    }
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function examine(connection: Connection, path: string): LedgerCheck {
  const findings: LedgerFinding[] = []
  const integrity = query<[string]>(connection, 'PRAGMA integrity_check(20)').all()
  for (const [detail] of integrity) {
    if (detail !== 'ok') findings.push({ rule: 'the file is whole', detail })
  }
  for (const { rule, sql } of INVARIANTS) {
    const broken = query<[unknown]>(connection, `${sql} LIMIT ${PLACES_MAX + 1}`).all()
    if (broken.length > 0) findings.push({ rule, detail: places(broken.map(([one]) => one)) })
  }
  for (const [rule, broken] of checkRecords(connection, PLACES_MAX)) {
    findings.push({ rule, detail: places(broken) })
  }
  const count = (table: string): number =>
    query<[number]>(connection, `SELECT count(*) FROM ${table}`).get()?.[0] ?? 0
  return {
    path,
    clean: findings.length === 0,
    findings,
    commits: count('commits'),
    events: count('events'),
    streams: count('streams'),
  }
}

const PLACES_MAX = 5

function places(broken: readonly unknown[]): string {
  const told = broken.slice(0, PLACES_MAX).join('; ')
  return broken.length > PLACES_MAX ? `${told}; and more` : told
}
