import { strict as assert } from 'node:assert'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { statementsOf, type Origin } from './declarations.ts'
import { snapshotFile, snapshotFolder, subpaths, textOf } from './surface.ts'

/**
 * One name for two things, on purpose: a handler's answer and a reply message; and the wrappers, which
 * have the names of the messages they wrap, as the documents name both.
 */
const SHARED_NAMES = [
  'SagaResponse',
  'CommandBook',
  'CommandPage',
  'CommandResponse',
  'Cover',
  'EventBook',
  'EventPage',
  'Query',
]
const UPDATE = 'run "npm run surface", and review what changed'

describe('the public surface', () => {
  const all = subpaths()

  for (const subpath of all) {
    it(`${subpath.specifier} is as reviewed`, () => {
      const file = snapshotFile(subpath)
      assert.ok(existsSync(file), `${file} is missing: ${UPDATE}`)
      assert.equal(textOf(subpath), readFileSync(file, 'utf8'), UPDATE)
    })

    it(`${subpath.specifier} documents every name`, () => {
      const bare = [...subpath.names].filter(([, origin]) => !isDocumented(origin))
      assert.deepEqual(
        bare.map(([name]) => name),
        [],
      )
    })
  }

  it('has no snapshot without a subpath', () => {
    const wanted = all.map(snapshotFile)
    const present = readdirSync(snapshotFolder).map((name) => join(snapshotFolder, name))
    assert.deepEqual(present.toSorted(), wanted.toSorted())
  })

  it('gives no name to two things', () => {
    const origins = new Map<string, Set<string>>()
    for (const { names } of all) {
      for (const [name, origin] of names) {
        origins.set(name, (origins.get(name) ?? new Set()).add(placeOf(origin)))
      }
    }
    const torn = [...origins].filter(([name, { size }]) => size > 1 && !SHARED_NAMES.includes(name))
    assert.deepEqual(torn, [])
  })
})

describe('statementsOf', () => {
  it('cuts a declaration file at the end of each statement', () => {
    const source = [
      '/** A doc. */\nexport type A = { a: "}"; /* inner */ b: [1] };',
      'export interface B { c(): { d: 1 }; }',
      '// a line\nexport declare function e(f?: () => void): { g: `;${string}` };',
      'export declare class H { i: 1; }\nexport {};\n',
    ].join('\n')
    assert.deepEqual(
      statementsOf(source).map(({ doc, text }) => [doc, text.split(' ').slice(0, 3).join(' ')]),
      [
        ['/** A doc. */', 'export type A'],
        ['', 'export interface B'],
        ['', 'export declare function'],
        ['', 'export declare class'],
        ['', 'export {};'],
      ],
    )
  })
})

function isDocumented(origin: Origin): boolean {
  return origin.kind === 'external' || origin.statements.some(({ doc }) => doc !== '')
}

function placeOf(origin: Origin): string {
  return origin.kind === 'external'
    ? `${origin.module} ${origin.name}`
    : `${origin.file} ${origin.name}`
}
