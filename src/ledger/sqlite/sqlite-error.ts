/** Errors of the driver, translated at this edge and nowhere else. */
import { CodedError, codedError, messageOf } from '../../errors.ts'

type SqliteError = Error & { readonly errcode: number; readonly errstr?: string }

const BUSY = 5
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

/** True for an error that comes from SQLite itself. */
function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** True when another process holds the file. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === BUSY
}

/** What a failed write is answered with: nothing of it was stored. */
export function writeError(error: unknown, path: string): CodedError {
  if (error instanceof CodedError) return error
  const details = errorDetails(error, path)
  switch (primaryCode(error)) {
    case BUSY:
      return codedError('LEDGER_BUSY', { details, cause: error })
    case FULL:
      return codedError('LEDGER_FULL', { details, cause: error, hint: 'Free space on the disk.' })
    case CORRUPT:
    case NOT_A_DATABASE:
      return corruptError(path, error)
    default:
      return codedError('LEDGER_WRITE_FAILED', { details, cause: error })
  }
}

/** What a failed read or open is answered with. */
export function openError(error: unknown, path: string): CodedError {
  if (error instanceof CodedError) return error
  const details = errorDetails(error, path)
  switch (primaryCode(error)) {
    case BUSY:
      return codedError('LEDGER_BUSY', { details, cause: error })
    case NOT_A_DATABASE:
      return codedError('LEDGER_NOT_A_LEDGER', {
        details,
        cause: error,
        hint: 'Name a new file, or one that Amends has made.',
      })
    case CORRUPT:
      return corruptError(path, error)
    case CANNOT_OPEN:
      return codedError('LEDGER_OPEN_FAILED', {
        details,
        cause: error,
        hint: 'The folder must exist, and this process must be allowed to write in it.',
      })
    default:
      return codedError('LEDGER_OPEN_FAILED', { details, cause: error })
  }
}

/** What was found to be damaged. */
export function corruptError(path: string, found: unknown): CodedError {
  return codedError('LEDGER_CORRUPT', {
    details: { ...errorDetails(found, path) },
    cause: found instanceof Error ? found : undefined,
    hint: 'Run `amends check` on the file, and restore the last backup.',
  })
}

function primaryCode(error: unknown): number {
  return isSqliteError(error) ? error.errcode & 0xff : 0
}

function errorDetails(error: unknown, path: string): Readonly<Record<string, unknown>> {
  const reason = messageOf(error)
  return isSqliteError(error) ? { path, reason, sqlite: error.errcode } : { path, reason }
}
