// Everything that can be said without running the system. All of it runs; all that fails is named.
import { build } from '../build.mjs'
import { node, tool } from '../child.mjs'

/** @type {readonly (readonly [string, () => Promise<number>])[]} */
const checks = [
  ['format', () => tool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.'])],
  ['generated files', () => node(['scripts/generate.mjs', '--check'])],
  ['catalogue', () => node(['scripts/catalogue.mjs'])],
  ['types', () => build()],
  ['reference', () => node(['scripts/reference.mjs', '--check'])],
  ['lint', () => tool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings'])],
  ['surface', () => node(['--test', '--test-reporter=dot', 'dist/test/package/surface.test.js'])],
]

/** @type {string[]} */
const failed = []
for (const [name, run] of checks) {
  console.log(`- ${name}`)
  if ((await run()) !== 0) failed.push(name)
}
console.log(failed.length === 0 ? 'check: all fine' : `check: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
