/** `amends/ledger`: the one durable thing. */
export { openLedger } from './open-ledger.ts'
export type { LedgerOptions } from './open-ledger.ts'
export { backupLedger, checkLedger } from './maintain-ledger.ts'
export type { Backup, BackupOptions } from './sqlite/backup.ts'
export type { LedgerCheck, LedgerFinding } from './sqlite/check-ledger.ts'
export { OPEN } from './ledger.ts'
export type {
  Abortable,
  Append,
  Appended,
  Claim,
  Committed,
  Condition,
  Deletion,
  Ledger,
  NewEvent,
  Outcome,
  Retention,
  Row,
  RowChange,
  RowQuery,
  StoredSnapshot,
  Space,
  StoredEvent,
  StreamKey,
  StreamRange,
  Visibility,
  Write,
} from './ledger.ts'
