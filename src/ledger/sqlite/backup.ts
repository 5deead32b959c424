/**
 * A copy of a ledger, taken while it is in use: SQLite writes what one moment shows into a new file,
 * which is checked and brought to the disk before it gets its name.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CodedError, codedError } from '../../errors.ts'
import { checkLedger, openToRead } from './check-ledger.ts'
import { openError } from './sqlite-error.ts'

/** How to make a backup. */
export type BackupOptions = {
  /** Replace a file that is there already. Default: false. */
  readonly overwrite?: boolean | undefined
}

/** A backup that was made and checked. */
export type Backup = {
  readonly path: string
  readonly bytes: number
  readonly commits: number
  readonly events: number
}

/**
 * Copies the ledger at a path into another file. The calling thread is busy meanwhile.
 *
 * @throws CodedError `BACKUP_FAILED` when the target is there, cannot be written, or the copy is not
 * clean; what {@link checkLedger} throws for the source
 */
export function backupLedger(path: string, to: string, options: BackupOptions = {}): Backup {
  const target = resolve(to)
  if (existsSync(target)) {
    if (existsSync(path) && realpathSync(path) === realpathSync(target)) {
      throw failed(target, 'the target is the ledger itself')
    }
    if (options.overwrite !== true) throw failed(target, 'the target exists')
  }
  const partial = `${target}.partial-${process.pid}`
  try {
    copyInto(path, partial)
    const { commits, events } = verified(partial)
    sync(partial)
    // A log left behind by what was there before would be taken for a part of the copy.
    for (const suffix of ['-wal', '-shm']) rmSync(`${target}${suffix}`, { force: true })
    renameSync(partial, target)
    sync(dirname(target))
    return { path: target, bytes: statSync(target).size, commits, events }
  } catch (error) {
    throw error instanceof CodedError ? error : failed(target, 'the copy failed', error)
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${partial}${suffix}`, { force: true })
  }
}

function copyInto(path: string, partial: string): void {
  let source: ReturnType<typeof openToRead>
  try {
    source = openToRead(path)
  } catch (error) {
    throw openError(error, path)
  }
  try {
    rmSync(partial, { force: true })
    source.prepare('VACUUM INTO ?').run(partial)
  } finally {
    source.close()
  }
}

function verified(partial: string): { commits: number; events: number } {
  const check = checkLedger(partial)
  if (check.clean) return check
  const findings = check.findings.map(({ rule, detail }) => `${rule}: ${detail}`).join('; ')
  throw codedError('BACKUP_FAILED', {
    details: { path: partial, reason: 'the copy is not clean', findings },
    hint: 'Run `amends check` on the ledger itself.',
  })
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function failed(path: string, reason: string, cause?: unknown): CodedError {
  const hint =
    reason === 'the target exists' ? 'Name another file, or allow it to be replaced.' : undefined
  return codedError('BACKUP_FAILED', { details: { path, reason }, cause, hint })
}
