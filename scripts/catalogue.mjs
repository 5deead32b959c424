// node scripts/catalogue.mjs            checks conformance/*.tsv and counts its verdicts
// node scripts/catalogue.mjs --cited    compares it with the titles in the test sources
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { citationsOf, faultsOf, readCatalogue } from '../conformance/citations.mjs'
import { filesBelow } from './build.mjs'
import { root } from './child.mjs'

const rows = readCatalogue()
const faults = faultsOf(rows)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1

if (process.argv.includes('--cited')) compare()
else count()

function count() {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { verdict } of rows) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  for (const [verdict, n] of [...counts].sort()) console.log(`${verdict}\t${n}`)
}

function compare() {
  const cited = citedInSources()
  const verdicts = new Map(rows.map(({ id, verdict }) => [id, verdict]))
  section(
    'cited, and not yet "same" or "differs"',
    [...cited].filter(([id]) => !isProven(verdicts.get(id))),
    ([id, file]) => `${id}\t${verdicts.get(id) ?? 'not in the catalogue'}\t${file}`,
  )
  section(
    '"same" or "differs", and not cited',
    rows.filter(({ id, verdict }) => isProven(verdict) && !cited.has(id)),
    ({ id, verdict, fact }) => `${id}\t${verdict}\t${fact}`,
  )
}

/** @param {string | undefined} verdict */
function isProven(verdict) {
  return verdict === 'same' || verdict === 'differs'
}

/**
 * Ids in the sources of tests, at the end of titles or as strings that titles are made of, with the
 * first file that cites each.
 */
function citedInSources() {
  const files = ['src', 'test', 'examples'].flatMap(filesBelow)
  /** @type {Map<string, string>} */
  const cited = new Map()
  // Contract suites carry titles too, and are not named *.test.ts; test/project only speaks of ids.
  const isSource = (/** @type {string} */ name) =>
    name.endsWith('.ts') && !name.includes('/gen/') && !name.startsWith('test/project/')
  for (const file of files.filter(isSource)) {
    const text = readFileSync(join(root, file), 'utf8')
    const endings = text.matchAll(/((?:\[[^\]\n'"`]*\]\s*)+)['"`]/g)
    const strings = text.matchAll(/['"`]([a-z]+-[\w-]+(?:, [a-z]+-[\w-]+)*)['"`]/g)
    const titles = [
      ...[...endings].map(([, ending = '']) => ending),
      ...[...strings].map(([, ids = '']) => `[${ids}]`),
    ]
    for (const id of titles.flatMap((title) => citationsOf(title).ids)) {
      if (!cited.has(id)) cited.set(id, file)
    }
  }
  return cited
}

/**
 * @template T
 * @param {string} heading
 * @param {readonly T[]} items
 * @param {(item: T) => string} line
 */
function section(heading, items, line) {
  console.log(`${items.length} ${heading}`)
  for (const item of items) console.log(`  ${line(item)}`)
}
