/** The door to the ledger. */
import { basename, dirname, join, resolve } from 'node:path'
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Ledger } from './ledger.ts'

/** How to open a ledger. */
export type LedgerOptions = {
  /** Where writes are done: in a thread of their own (default), or in the calling one. */
  readonly thread?: 'worker' | 'inline' | undefined
  /**
   * `full` (default): a commit is acknowledged when it is on the disk. `may-lose-last-commits`: when
   * it is written; the operating system brings it to the disk within seconds, so a power failure
   * loses the last commits, although never a part of one. A killed process loses nothing either way.
   */
  readonly durability?: 'full' | 'may-lose-last-commits' | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

// Not imported: the module form of node:fs would load all of its streams.
const { realpathSync } = process.getBuiltinModule('node:fs')

/** Real paths that this process has open. */
const opened = new Set<string>()

/**
 * Opens the ledger in a file, which is created when it does not exist. A process opens a file once;
 * several processes may share it.
 *
 * @throws CodedError `LEDGER_ALREADY_OPEN`, `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`,
 * `LEDGER_CORRUPT`, `LEDGER_OPEN_FAILED`, `LEDGER_BUSY`
 */
export async function openLedger(path: string, options: LedgerOptions = {}): Promise<Ledger> {
  const { openSqliteLedger } = await import('./sqlite/open-sqlite-ledger.ts')
  const real = realPath(path)
  if (opened.has(real)) {
    throw codedError('LEDGER_ALREADY_OPEN', {
      details: { path: real },
      hint: 'Pass the opened ledger on instead of its path, or dispose it first.',
    })
  }
  opened.add(real)
  try {
    return await openSqliteLedger(real, { ...options, closed: () => opened.delete(real) })
  } catch (error) {
    opened.delete(real)
    throw error
  }
}

/** The path without links; of a file that does not exist yet, its folder's. */
function realPath(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    // Not there yet.
  }
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute))
  } catch (cause) {
    throw codedError('LEDGER_OPEN_FAILED', {
      details: { path: absolute },
      cause,
      hint: 'The folder must exist.',
    })
  }
}
