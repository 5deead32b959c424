// Joins the compiled modules of each public entry into a few files, dist/lib: what a user's program
// loads. A program that imports two hundred small modules waits longer for them than for its work.
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './child.mjs'

/** Loaded by their address, beside whoever starts them. */
const THREADS = ['ledger/sqlite/ledger-worker.js', 'ledger/sqlite/checkpoint-worker.js']

const source = join(root, 'dist/src')
const out = join(root, 'dist/lib')

/** Writes dist/lib anew from dist/src. */
export async function bundle() {
  rmSync(out, { recursive: true, force: true })
  await build({
    entryPoints: [
      ...publicEntries(),
      ...THREADS.map((path) => entry(path.split('/').at(-1), path)),
    ],
    outdir: out,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    chunkNames: 'chunk-[hash]',
    logLevel: 'warning',
  })
  cpSync(join(source, 'ledger/sqlite/migrations'), join(out, 'migrations'), { recursive: true })
}

/** The files that package.json names, with where they come from. */
function publicEntries() {
  const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : [{ file: entry.default, from: entry.types }],
  )
  return [
    ...entries.map(({ file, from }) =>
      entry(name(file), from.replace('./dist/src/', '').replace(/\.d\.ts$/, '.js')),
    ),
    ...Object.values(bin).map((file) => entry(name(file), 'cli/main.js')),
  ]
}

/** @param {string} file */
function name(file) {
  return file.replace(/^(\.\/)?dist\/lib\//, '')
}

/** @param {string} out @param {string} from */
function entry(out, from) {
  return { out: out.replace(/\.js$/, ''), in: join(source, from) }
}
