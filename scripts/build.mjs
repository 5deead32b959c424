// Compiles everything into dist/, copies what the compiler does not, and removes from dist/ what
// no longer has a source, so that a deleted test cannot go on passing.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { node, root, tool } from './child.mjs'

const SOURCES = ['src', 'test', 'examples', 'bench']
const SETTINGS = [
  'package.json',
  'scripts/bundle.mjs',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'src/tsconfig.json',
]
const EMITTED = /\.(js|d\.ts)(\.map)?$/
const stamp = join(root, '.build', 'built')

/**
 * Builds; resolves with an exit code.
 *
 * @param {{ unlessUnchanged?: boolean, stdout?: 'stderr' }} [options]
 */
export async function build(options = {}) {
  const state = fingerprint()
  if (options.unlessUnchanged === true && state === builtBefore()) return 0
  rmSync(stamp, { force: true })
  const code = await tool('typescript/bin/tsc', ['--build'], options)
  if (code !== 0) return code
  prune()
  if (existsSync(join(root, 'scripts/copy-assets.mjs'))) {
    const copied = await node(['scripts/copy-assets.mjs'], options)
    if (copied !== 0) return copied
  }
  const { bundle } = await import('./bundle.mjs')
  await bundle()
  mkdirSync(join(root, '.build'), { recursive: true })
  writeFileSync(stamp, state)
  return 0
}

function builtBefore() {
  const compiled = existsSync(join(root, 'dist/src.tsbuildinfo'))
  return compiled && existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
}

/** Changes when a source or a compiler setting does: names, sizes and times, not contents. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of [...SETTINGS, ...SOURCES.flatMap(filesBelow)]) {
    const { size, mtimeMs } = statSync(join(root, file))
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function prune() {
  for (const file of SOURCES.flatMap((folder) => filesBelow(`dist/${folder}`))) {
    if (!EMITTED.test(file)) continue
    const source = file.slice('dist/'.length).replace(EMITTED, '.ts')
    if (!existsSync(join(root, source))) rmSync(join(root, file))
  }
}

/**
 * Paths of all files below a folder of the project, relative to it, sorted.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    )
    .sort()
}
