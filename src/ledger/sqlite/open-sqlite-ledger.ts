/** Opens the parts of a ledger on SQLite and puts them together. */
import { type Clock, systemClock } from '../../clock.ts'
import { limits } from '../../limits.ts'
import type { Ledger } from '../ledger.ts'
import type { Connection } from './connection.ts'
import { inlineChannel } from './inline-channel.ts'
import { movingChannel } from './moving-channel.ts'
import { prepareFile } from './open-file.ts'
import { openReadSide, type ReadSide } from './read-side.ts'
import { SharedCounters } from './shared-counters.ts'
import { sqliteLedger } from './sqlite-ledger.ts'
import { openError } from './sqlite-error.ts'

/** Where commits are written to the file, and how safely. */
export type SqliteLedgerOptions = {
  readonly thread?: 'worker' | 'inline' | undefined
  readonly durability?: 'full' | 'may-lose-last-commits' | undefined
  readonly clock?: Clock | undefined
  /** Called once, when the ledger is closed. */
  readonly closed?: (() => void) | undefined
  /** How long to wait for another process, in milliseconds. */
  readonly busyMs?: number | undefined
  /** For tests: more pragmas of the writer's connection. */
  readonly writerPragmas?: string | undefined
  /** For tests: what to put around the writer's connection; only inline. */
  readonly wrapWriter?: ((connection: Connection) => Connection) | undefined
}

/**
 * Opens a ledger without asking whether this process has it open already.
 *
 * @throws CodedError `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`, `LEDGER_CORRUPT`,
 * `LEDGER_OPEN_FAILED`, `LEDGER_BUSY`
 */
export async function openSqliteLedger(
  path: string,
  options: SqliteLedgerOptions = {},
): Promise<Ledger> {
  const { durability = 'full', thread = 'worker', clock = systemClock() } = options
  const busyMs = options.busyMs ?? limits.ledgerBusyMs
  const counters = SharedCounters.allocate()
  const pragmas = WRITE_PRAGMAS[durability] + (options.writerPragmas ?? '')
  const settings = { path, busyMs, pragmas, counters }
  let reads: ReadSide | undefined
  try {
    prepareFile(path, { busyMs })
    reads = openReadSide(path, busyMs)
    const isMoving = thread === 'worker' && options.wrapWriter === undefined
    const channel = isMoving ? movingChannel(settings) : inlineChannel(settings, options.wrapWriter)
    const closed = options.closed ?? (() => undefined)
    return sqliteLedger({
      path,
      clock,
      channel,
      reads,
      counters: new SharedCounters(counters),
      closed,
    })
  } catch (error) {
    reads?.close()
    throw openError(error, path)
  }
}

const SHARED_PRAGMAS = `
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;`

const WRITE_PRAGMAS = {
  full: `PRAGMA synchronous = FULL;${SHARED_PRAGMAS}`,
  'may-lose-last-commits': `PRAGMA synchronous = NORMAL;${SHARED_PRAGMAS}`,
} as const
