/** A folder for one measurement, removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs something with the path of a ledger that does not exist yet. */
export async function withScratch<T>(run: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'amends-bench-'))
  try {
    return await run(join(folder, 'ledger.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
