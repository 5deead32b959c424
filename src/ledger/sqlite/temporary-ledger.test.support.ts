import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../clock.ts'
import { type WriteId, writeIds } from '../../identity.ts'
import { seededRandom } from '../../testing/seeded-random.ts'

/** A folder of its own with the path of a ledger in it. */
export type TemporaryFolder = Disposable & { readonly folder: string; readonly path: string }

/** Makes a folder that is removed in the end. */
export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(join(tmpdir(), 'amends-ledger-'))
  return {
    folder,
    path: join(folder, 'ledger.db'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

let made = 0

/** Makes write ids unlike those of other makers. */
export function idMaker(): () => WriteId {
  return writeIds(systemClock(), seededRandom(process.pid * 1_000 + made++))
}
