/** Every name of the documents about the Angzarr client is exported, or has a reason not to be. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import * as amends from '../../src/index.ts'
import * as testing from '../../src/testing/index.ts'
import { projectRoot } from '../project-root.ts'

type Row = {
  readonly document: string
  readonly name: string
  readonly kind: string
  readonly ours: string
  readonly subpath: string
  readonly reason: string
}

/** How many names each document spells; a row that gets lost is noticed. */
const NAMES = { '000': 18, '001': 299, '002': 7 }

const subpaths = new Map<string, Readonly<Record<string, unknown>>>([
  ['amends', amends],
  ['amends/testing', testing],
])
const rows = readRows()

describe('the names of the documents', () => {
  it('are all there, each once', () => {
    const counts = Object.fromEntries(
      Object.keys(NAMES).map((known) => [
        known,
        rows.filter(({ document }) => document === known).length,
      ]),
    )
    assert.deepEqual(counts, NAMES)
    const keys = rows.map(({ document, name, kind }) => `${document} ${name} ${kind}`)
    assert.deepEqual(new Set(keys).size, keys.length)
  })

  it('have a name here, or a reason', () => {
    const without = rows.filter(({ ours, reason }) => ours === '' && reason === '')
    assert.deepEqual(without, [])
  })

  it('have the name that TypeScript gives them, or a reason', () => {
    const other = rows.filter(
      ({ name, ours, reason }) => ours !== '' && ours !== camelCase(name) && reason === '',
    )
    assert.deepEqual(other, [])
  })

  it('are exported by the subpath of their row', () => {
    const missing = rows.filter(({ ours, subpath }) => ours !== '' && !isExported(ours, subpath))
    assert.deepEqual(missing, [])
  })

  it('are compared with what is there', () => {
    assert.ok(!isExported('NoSuchName', 'amends'))
    assert.ok(!isExported('CommandBuilder.noSuchMember', 'amends'))
    assert.ok(!isExported('CommandBuilder', 'amends/testing'))
    assert.ok(!isExported('Destinations.fromProtos', 'amends'))
    assert.ok(isExported('ClientError.code', 'amends'))
  })
})

function readRows(): readonly Row[] {
  const text = readFileSync(join(projectRoot, 'conformance/parity.tsv'), 'utf8')
  const [, ...lines] = text.trimEnd().split('\n')
  return lines.map((line) => {
    const [document = '', name = '', kind = '', ours = '', subpath = '', reason = ''] =
      line.split('\t')
    return { document, name, kind, ours, subpath, reason }
  })
}

/** As TypeScript spells it; constants stay as they are. */
function camelCase(name: string): string {
  const spelled = (part: string): string =>
    /^[A-Z0-9_]+$/.test(part)
      ? part
      : part.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return name.split('.').map(spelled).join('.')
}

function isExported(ours: string, subpath: string): boolean {
  const exported = subpaths.get(subpath)
  const [owner = '', member] = ours.split('.')
  const declared = declarationOf(owner, subpath)
  if (exported === undefined) return false
  const value = exported[owner]
  if (member === undefined) return value !== undefined || declared !== undefined
  return hasMember(value, member) || isDeclared(member, declared, subpath)
}

/** Methods and accessors of instances, and what the class itself has. */
function hasMember(value: unknown, member: string): boolean {
  if (typeof value === 'object' && value !== null) return member in value
  if (typeof value !== 'function') return false
  const prototype: unknown = value.prototype
  return (
    member in value || (typeof prototype === 'object' && prototype !== null && member in prototype)
  )
}

/** Fields exist in types only; the reviewed surface has them, those of a base class with the base. */
function isDeclared(member: string, declared: string | undefined, subpath: string): boolean {
  if (declared === undefined) return false
  if (new RegExp(`^\\s+(?:readonly |get )?${member}\\??[:(]`, 'm').test(declared)) return true
  const base = /class [^{]* extends (?<base>\w+)/.exec(declared)?.groups?.['base']
  if (base === 'Error') return member === 'cause' // given by JavaScript
  return base !== undefined && isDeclared(member, declarationOf(base, subpath), subpath)
}

function declarationOf(name: string, subpath: string): string | undefined {
  const file = `test/package/surface/${subpath.replace('/', '-')}.snap`
  const surface = readFileSync(join(projectRoot, file), 'utf8')
  return new RegExp(`^${name}: [^\\n]+\\n(?<text>(?:  [^\\n]*\\n)+)`, 'm').exec(surface)?.groups?.[
    'text'
  ]
}
