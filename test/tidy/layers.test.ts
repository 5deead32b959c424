import { strict as assert } from 'node:assert'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'
import { lint, type Findings } from './lint-probe.ts'

const IMPORTS = 'eslint(no-restricted-imports)'

/** The base: files and folders that every layer may import. */
const base = ['errors', 'limits', 'clock', 'identity', 'abort', 'telemetry']
const ground = ['machine', 'proto', 'wire']
const floor = ['component', 'client', 'ledger', 'bus']

/** What each layer may import besides itself and the base (ARCHITECTURE.md, layers). */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  machine: [],
  proto: [],
  wire: ['proto'],
  component: ground,
  client: ground,
  ledger: ground,
  bus: ground,
  host: [...ground, ...floor],
  coordinator: [...ground, ...floor, 'host'],
  participant: ['proto', 'wire', 'ledger', 'bus', 'host'],
  workflow: ['machine'],
  saga: [...ground, ...floor, 'host', 'coordinator', 'participant'],
  console: [...ground, ...floor, 'host', 'coordinator', 'participant', 'saga'],
  cli: [...ground, ...floor, 'host', 'coordinator', 'participant', 'saga', 'console'],
  testing: [
    ...ground,
    ...floor,
    'host',
    'coordinator',
    'participant',
    'workflow',
    'saga',
    'console',
    'cli',
  ],
}
const layers = Object.keys(mayImport)

describe('the layers', () => {
  let findings: Findings

  before(() => {
    findings = lint(probes())
  })

  for (const from of layers) {
    const others = layers.filter((layer) => layer !== from)
    it(`${from} may import ${mayImport[from]?.join(', ') || 'no other layer'}`, () => {
      const allowedFrom = (folder: string): readonly string[] =>
        others.filter((to) => !fires(`${folder}/to-${to}.ts`))
      const expected = others.filter((to) => mayImport[from]?.includes(to))
      assert.deepEqual(allowedFrom(`src/${from}`), expected)
      assert.deepEqual(allowedFrom(`src/${from}/inner`), expected)
    })
  }

  it('every layer may import itself and the base', () => {
    assert.deepEqual(
      layers.filter((from) => fires(`src/${from}/to-base.ts`)),
      [],
    )
  })

  it('machine and component import nothing from node:', () => {
    assert.deepEqual(
      layers.filter((from) => fires(`src/${from}/to-node.ts`)),
      ['machine', 'component'],
    )
  })

  it('no layer imports an index.ts or the package by its name', () => {
    assert.deepEqual(
      layers.filter((from) => fires(`src/${from}/to-index.ts`)),
      layers,
    )
    assert.deepEqual(
      layers.filter((from) => fires(`src/${from}/to-package.ts`)),
      layers,
    )
  })

  it('the base imports no layer', () => {
    for (const to of layers) {
      assert.equal(fires(`src/to-${to}.ts`), true, to)
      for (const folder of base) assert.equal(fires(`src/${folder}/to-${to}.ts`), true, to)
    }
  })

  it('plans of the coordinator are pure, its other files are not', () => {
    assert.equal(fires('src/coordinator/plan-probe.ts'), true)
    assert.equal(fires('src/coordinator/inner/plan-probe.ts'), true)
    assert.equal(fires('src/coordinator/to-node.ts'), false)
  })

  it('tests may reach across layers, not through an index.ts', () => {
    assert.equal(fires('src/wire/reach.test.ts'), false)
    assert.equal(fires('src/wire/index.test.ts'), true)
  })

  it('every folder of src is one of them', () => {
    const folders = readdirSync(join(projectRoot, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
    assert.deepEqual(
      folders.filter((name) => !layers.includes(name) && !base.includes(name)),
      [],
    )
  })

  function fires(path: string): boolean {
    return findings.get(path)?.has(IMPORTS) === true
  }
})

function probes(): Record<string, string> {
  const files: Record<string, string> = {
    'src/coordinator/plan-probe.ts': `import 'node:fs'\n`,
    'src/coordinator/inner/plan-probe.ts': `import 'node:fs'\n`,
    'src/wire/reach.test.ts': `import '../coordinator/x.ts'\nimport 'node:fs'\n`,
    'src/wire/index.test.ts': `import './index.ts'\n`,
  }
  for (const from of layers) {
    for (const to of layers) {
      files[`src/${from}/to-${to}.ts`] =
        `import type { x } from '../${to}/x.ts'\nexport type y = x\n`
      files[`src/${from}/inner/to-${to}.ts`] = `export { x } from '../../${to}/x.ts'\n`
    }
    files[`src/${from}/to-base.ts`] = [
      ...base.map((name) => `import '../${name}.ts'\nimport '../${name}/x.ts'\n`),
      `import './x.ts'\nimport '../${from}/inner/x.ts'\n`,
    ].join('')
    files[`src/${from}/to-node.ts`] = `import 'node:fs'\n`
    files[`src/${from}/to-index.ts`] = `export const load = () => import('../proto/index.ts')\n`
    files[`src/${from}/to-package.ts`] = `import 'amends/proto'\n`
  }
  for (const to of layers) {
    files[`src/to-${to}.ts`] = `import './${to}/x.ts'\n`
    for (const folder of base) files[`src/${folder}/to-${to}.ts`] = `import '../${to}/x.ts'\n`
  }
  return files
}
