/** `node scripts/run.cjs surface`: writes the snapshots anew, for review. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { snapshotFile, snapshotFolder, subpaths, textOf } from './surface.ts'

const all = subpaths()
rmSync(snapshotFolder, { recursive: true, force: true })
mkdirSync(snapshotFolder)
for (const subpath of all) {
  writeFileSync(snapshotFile(subpath), textOf(subpath))
  console.log(`${subpath.specifier}: ${subpath.names.size} names`)
}
