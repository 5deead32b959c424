/**
 * The facts of the coordinator are shown in process and over gRPC. The reporter of a whole run looks
 * at the tests that passed; here the titles in the sources are read, so that a lack shows at once.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { projectRoot } from '../project-root.ts'
import { inProcessOnly } from './in-process-only.ts'

const ID = /coordinator-[A-Z][A-Z0-9-]*/g

const catalogue = readFileSync(join(projectRoot, 'conformance/coordinator.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'))

const proven = catalogue.flatMap(([id = '', verdict = '']) =>
  verdict === 'same' || verdict === 'differs' ? [id] : [],
)

/** The sources of tests below a folder, without this one. */
function sourcesBelow(folder: string): readonly string[] {
  const names = readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts') && name !== 'both-places.test.ts')
    .map((name) => readFileSync(join(projectRoot, folder, name), 'utf8'))
}

/** Ids in what follows a call up to the next one: its title, and the table its title is made of. */
function idsOf(text: string): readonly string[] {
  return text.match(ID) ?? []
}

/** Ids that tests cite over gRPC: those of tests that run twice, and those whose title says so itself. */
function shownOverGrpc(): ReadonlySet<string> {
  const shown = new Set<string>()
  for (const text of sourcesBelow('test/coordinator')) {
    for (const [ending] of text.matchAll(/\[over gRPC\][^'`\n]*/g)) {
      for (const id of idsOf(ending)) shown.add(id)
    }
    // Under this name tests run twice.
    if (!/\btwice\w* as test\b/.test(text)) continue
    for (const [title] of text.matchAll(/\btest\(\s*(['"`]).*?\1,/gs)) {
      for (const id of idsOf(title)) shown.add(id)
    }
    // Titles that are made of something: the ids stand as strings of their own.
    if (!/\btest\(\s*`[^`]*\$\{/.test(text)) continue
    for (const [strings] of text.matchAll(/(['"])[ [\]]*coordinator-[^'"\n]*\1/g)) {
      for (const id of idsOf(strings)) shown.add(id)
    }
  }
  return shown
}

describe('the facts of the coordinator', () => {
  const shown = shownOverGrpc()

  test('are shown over gRPC, but for those with a reason', () => {
    const lacking = proven.filter((id) => !shown.has(id) && !Object.hasOwn(inProcessOnly, id))
    assert.deepEqual(lacking, [])
  })

  test('that have a reason are in the catalogue, and not shown over gRPC', () => {
    const known = new Set(catalogue.map(([id]) => id))
    for (const [id, reason] of Object.entries(inProcessOnly)) {
      assert.ok(known.has(id), id)
      assert.ok(!shown.has(id), id)
      assert.ok(reason.length > 20, id)
    }
  })
})
