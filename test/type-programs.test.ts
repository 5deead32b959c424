/** The programs in test/types fail to compile exactly where they say so, and nowhere else. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { projectRoot } from './project-root.ts'

const folder = join(projectRoot, 'test/types')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
const programs = files.filter((name) => name.endsWith('.ts'))

describe('programs that must not compile', () => {
  const found = errorsFound()

  for (const program of programs) {
    it(`${program} is refused exactly where it says`, () => {
      assert.deepEqual(found.get(program) ?? [], errorsMarked(program))
    })
  }

  it('nothing else is wrong with them', () => {
    assert.deepEqual(
      [...found].filter(([file]) => !programs.includes(file)),
      [],
    )
  })
})

/** `line: code` of every error the compiler finds, by file; config errors under the empty name. */
function errorsFound(): ReadonlyMap<string, readonly string[]> {
  const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '--project', folder, '--pretty', 'false']
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder })
  const found = new Map<string, string[]>()
  for (const line of stdout.split('\n')) {
    const error = /^(?:(?<file>[^()]+)\((?<line>\d+),\d+\): )?error (?<code>TS\d+): /.exec(line)
    if (error?.groups === undefined) continue
    const { file = '', line: at = '0', code = '' } = error.groups
    found.set(file, [...(found.get(file) ?? []), `${at}: ${code}`])
  }
  assert.ok(status === 0 || found.size > 0, stdout)
  return found
}

/** `line: code` of every `// error TS1234` comment; a line with two errors has two codes. */
function errorsMarked(program: string): readonly string[] {
  const lines = readFileSync(join(folder, program), 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    const codes = /\/\/ error (?<codes>TS\d+(?:,? TS\d+)*)/.exec(line)?.groups?.['codes'] ?? ''
    return (codes.match(/TS\d+/g) ?? []).map((code) => `${index + 1}: ${code}`)
  })
}
