// Copies what the compiler leaves behind, the .sql files of src/, to <out>/src. Default: dist.
import { copyFileSync, globSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = process.argv[2] ?? 'dist'
for (const file of globSync('src/**/*.sql', { cwd: root })) {
  const target = join(root, out, file)
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(join(root, file), target)
}
