/** A folder for one ledger that outlives the coordinators on it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The folder; disposing it removes what is in it. */
export type LedgerFolder = AsyncDisposable & { readonly path: string }

/** Makes one. */
export async function ledgerFolder(): Promise<LedgerFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-shop-'))
  return {
    path: join(folder, 'shop.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
