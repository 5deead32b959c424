/** The packed package works for the users there are: each world is a way to run TypeScript. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'
import { packedProject, type PackedProject } from './packed-project.ts'
import { missingTools, runScript, worldsFolder } from './tools.ts'

/** What a program of the worlds prints. */
type Output = {
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly events: readonly string[]
}

const UNDONE = ['0 orders.OrderCreated', '1 orders.OrderCancelled']
const compilers = [
  { version: '7', tsc: join(projectRoot, 'node_modules/typescript/bin/tsc') },
  { version: '5.9', tsc: join(worldsFolder, 'node_modules/typescript/bin/tsc') },
]

const skip = missingTools() ?? false

describe('the packed package', { skip }, () => {
  let project: PackedProject

  before(() => {
    project = packedProject(['tsx', 'vitest'])
  })

  after(() => {
    project[Symbol.dispose]()
  })

  it('holds what package.json points at, and neither tests nor maps', () => {
    const files = new Set(project.files)
    for (const target of targets()) assert.ok(files.has(target), `${target} is not packed`)
    const ours = project.files.filter((file) => !file.startsWith('templates/'))
    assert.deepEqual(
      ours.filter((file) => /\.test\.|\.tsbuildinfo$|\.map$/.test(file)),
      [],
    )
  })

  it('runs under plain type stripping', () => {
    check(runScript(project.folder, 'main.ts'))
  })

  it('runs under tsx, with functions and with decorators', () => {
    check(runScript(project.folder, '--import', 'tsx', 'main.ts'))
    check(runScript(project.folder, '--import', 'tsx', 'main-classes.ts'))
  })

  it('runs under vitest as it comes', () => {
    const vitest = join(worldsFolder, 'node_modules/vitest/vitest.mjs')
    const output = runScript(project.folder, vitest, 'run', '--root', '.')
    assert.match(output, /Tests +2 passed/)
  })

  for (const { version, tsc } of compilers) {
    it(`is checked whole by TypeScript ${version}, and runs compiled`, () => {
      runScript(project.folder, tsc, '--outDir', `out-${version}`)
      check(runScript(project.folder, `out-${version}/main.js`))
      check(runScript(project.folder, `out-${version}/main-classes.js`))
    })

    it(`says what to change under experimentalDecorators of TypeScript ${version}`, () => {
      const out = `legacy-${version}`
      runScript(project.folder, tsc, '--project', 'legacy', '--outDir', out)
      const { code, text } = JSON.parse(runScript(project.folder, `${out}/main.js`)) as {
        readonly code?: string
        readonly text?: string
      }
      assert.equal(code, 'DECORATOR_LEGACY')
      assert.match(text ?? '', /experimentalDecorators/)
    })
  }

  function check(output: string): void {
    const { names, events } = JSON.parse(output) as Output
    assert.deepEqual(events, UNDONE)
    assert.deepEqual(Object.keys(names), subpaths())
    for (const [subpath, list] of Object.entries(names)) assert.ok(list.length > 0, subpath)
  }
})

type Manifest = {
  readonly name: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Manifest
}

function targets(): readonly string[] {
  const { bin, exports } = manifest()
  return [bin, ...Object.values(exports)]
    .flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)))
    .map((target) => join(target))
}

function subpaths(): readonly string[] {
  const { name, exports } = manifest()
  const withCode = Object.entries(exports).filter(([, target]) => typeof target !== 'string')
  return withCode.map(([subpath]) => join(name, subpath))
}
