/** Workflows that must not compile are refused at the mistake; good ones cost little to check. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'

const folder = join(projectRoot, 'test/types/workflow')

describe('the types of workflows', () => {
  it('bad programs are refused exactly where they say, good ones compile', () => {
    const found: string[] = []
    for (const line of compiled(['--project', folder]).split('\n')) {
      const error = /^(?:.*\/)?(?<file>[^/()]+)\((?<at>\d+),\d+\): error (?<code>TS\d+): /.exec(
        line,
      )
      if (error?.groups === undefined) continue
      const { file = '', at = '', code = '' } = error.groups
      found.push(`${file}:${at} ${code}`)
    }
    assert.deepEqual(found, marked('bad.ts'))
  })

  it('twelve inline steps take under 20,000 instantiations', () => {
    assert.ok(instantiations('good.ts') - instantiations('base.ts') < 20_000)
  })
})

function marked(file: string): readonly string[] {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    const codes = /\/\/ error (?<codes>TS\d+(?:,? TS\d+)*)/.exec(line)?.groups?.['codes'] ?? ''
    return (codes.match(/TS\d+/g) ?? []).map((code) => `${file}:${index + 1} ${code}`)
  })
}

/** Of a program alone, with everything it imports; good.ts has the twelve steps and much more. */
function instantiations(file: string): number {
  const scratch = mkdtempSync(join(tmpdir(), 'amends-types-'))
  const config = join(scratch, 'tsconfig.json')
  const settings = {
    extends: join(folder, 'tsconfig.json'),
    files: [join(folder, file)],
    include: [],
    compilerOptions: { typeRoots: [join(projectRoot, 'node_modules/@types')] },
  }
  writeFileSync(config, JSON.stringify(settings))
  const text = compiled(['--project', config, '--extendedDiagnostics'])
  rmSync(scratch, { recursive: true })
  const count = /Instantiations:\s+(?<count>\d+)/.exec(text)?.groups?.['count']
  assert.ok(count !== undefined, text)
  return Number(count)
}

function compiled(args: readonly string[]): string {
  const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc')
  const run = spawnSync(process.execPath, [tsc, ...args, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: folder,
  })
  return run.stdout
}
