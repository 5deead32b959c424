/** A project that `amends init` of the packed package writes runs, and so does its test. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { packedProject, type PackedProject } from '../package/packed-project.ts'
import { runScript } from '../package/tools.ts'
import { projectRoot } from '../project-root.ts'

const printed = {
  workflow:
    'order-1 parcel of 2 chai\nrefunded c-1\nreleased r-1\norder-2 no carrier takes 9 x chai\n',
  saga: "trip-1 LX-ada 12\ncancelled LX-ada\ntrip-2 no room [ 'flights.cancel' ]\n",
  aggregate: '0 order.Placed\n1 order.Cancelled\n',
}

describe('amends init, from the packed package', () => {
  let packed: PackedProject

  before(() => {
    packed = packedProject([])
  })

  after(() => {
    packed[Symbol.dispose]()
  })

  for (const [kind, output] of Object.entries(printed)) {
    it(`writes a project of kind ${kind} that compiles, runs, and passes its test`, () => {
      runScript(packed.folder, 'node_modules/amends/dist/lib/cli.js', 'init', kind)
      const folder = join(packed.folder, kind)
      runScript(folder, join(projectRoot, 'node_modules/typescript/bin/tsc'))
      assert.equal(runScript(folder, 'src/main.ts'), output)
      const result = runScript(folder, '--test', '--test-reporter=tap', 'src/**/*.test.ts')
      assert.match(result, /^# pass 1$/m)
    })
  }

  it('writes messages that the project itself can generate', () => {
    const folder = join(packed.folder, 'again')
    cpSync(join(packed.folder, 'aggregate'), folder, { recursive: true })
    const read = () => {
      const files = readdirSync(join(folder, 'src/gen')).toSorted()
      return files.map((file) => [file, readFileSync(join(folder, 'src/gen', file), 'utf8')])
    }
    const shipped = read()
    rmSync(join(folder, 'src/gen'), { recursive: true })
    const tools = join(projectRoot, 'node_modules/.bin')
    const path = [tools, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
    const { generate = '' } = scriptsOf(folder)
    const [command = '', ...args] = generate.split(' ')
    const made = spawnSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
    })
    assert.equal(made.status, 0, made.stderr)
    assert.deepEqual(read(), shipped)
  })
})

function scriptsOf(folder: string): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  return manifest.scripts
}
