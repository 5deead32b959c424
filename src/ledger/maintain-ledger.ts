/** Copying and checking a ledger file, whatever keeps it. */
import type { Backup, BackupOptions } from './sqlite/backup.ts'
import type { LedgerCheck } from './sqlite/check-ledger.ts'

/**
 * Copies the ledger at a path into another file while it may be in use, and checks the copy. The
 * calling thread is busy meanwhile.
 *
 * @throws CodedError `BACKUP_FAILED` when the target is there (unless `overwrite`), cannot be
 * written, or is not clean; `LEDGER_OPEN_FAILED`, `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`
 */
export async function backupLedger(
  path: string,
  to: string,
  options: BackupOptions = {},
): Promise<Backup> {
  const sqlite = await import('./sqlite/backup.ts')
  return sqlite.backupLedger(path, to, options)
}

/**
 * Looks for damage in the ledger at a path, which may be in use. The calling thread is busy
 * meanwhile.
 *
 * @throws CodedError `LEDGER_OPEN_FAILED`, `LEDGER_NOT_A_LEDGER`, `LEDGER_NEWER_VERSION`,
 * `LEDGER_BUSY`; damage is not thrown, it is a finding
 */
export async function checkLedger(path: string): Promise<LedgerCheck> {
  const sqlite = await import('./sqlite/check-ledger.ts')
  return sqlite.checkLedger(path)
}
