/** Opens a ledger that is there: looking at something must not create it. */
import { openLedger } from '../ledger/open-ledger.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { CommandWorld } from './command.ts'

/**
 * The ledger in a file, which may be in use.
 *
 * @throws CodedError `LEDGER_OPEN_FAILED` when there is none, `LEDGER_NOT_A_LEDGER`,
 * `LEDGER_NEWER_VERSION`, `LEDGER_CORRUPT`, `LEDGER_BUSY`
 */
export async function openExisting(file: string, { clock }: CommandWorld): Promise<Ledger> {
  const { openToRead } = await import('../ledger/sqlite/check-ledger.ts')
  const { openError } = await import('../ledger/sqlite/sqlite-error.ts')
  try {
    openToRead(file).close()
  } catch (error) {
    throw openError(error, file)
  }
  return await openLedger(file, { thread: 'inline', clock })
}
