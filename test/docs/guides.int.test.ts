/** Every program of the guides compiles, runs, and prints what the guide says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'
import { type GuideRun, guides, matches, programs, programsFolder } from './guide-steps.ts'

const all = guides()

describe('the programs of the guides', () => {
  it('compile under strict flags', () => {
    const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc')
    const { status, stdout } = node(projectRoot, [tsc, '--project', programsFolder])
    assert.equal(status, 0, stdout)
  })

  it('are all shown, and nothing is shown that is in no file', () => {
    const shown = new Set(all.flatMap((guide) => guide.shown))
    assert.deepEqual(
      programs().filter((name) => !shown.has(name)),
      [],
    )
    assert.deepEqual(
      all.flatMap(({ name, loose }) => loose.map((line) => `${name}: ${line}`)),
      [],
    )
  })

  it('are all run, or imported by one that is', () => {
    const run = all.flatMap(({ runs }) => runs.map(({ command }) => command)).join('\n')
    const parts = ['inventory.ts', 'order.ts', 'shop.ts', 'fulfilment.ts', 'demand.ts']
    assert.deepEqual(
      programs().filter((name) => !run.includes(` ${name}`) && !parts.includes(name)),
      [],
    )
  })
})

for (const { name, runs } of all) {
  it(`${name} prints what it says`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'amends-guide-'))
    try {
      for (const run of runs) check(folder, run)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

it('a text that differs from what a guide says is noticed', () => {
  assert.ok(matches('a ... c\n[x]\n', 'a b c\n[x]\n'))
  assert.ok(!matches('a ... c\n', 'a b\nc\n'))
  assert.ok(!matches('a\n', 'a\nb\n'))
  assert.ok(matches('...\nb\n...\n', 'a\nb\n'))
  assert.ok(!matches('...\nc\n...\n', 'a\nb\n'))
})

function check(folder: string, { command, output }: GuideRun): void {
  const { status, stdout, stderr } = node(folder, argumentsOf(command))
  assert.equal(status, 0, `${command} ended with ${status}\n${stdout}${stderr}`)
  assert.ok(matches(output, stdout), `${command} printed\n${stdout}\ninstead of\n${output}`)
}

/** The words of a command, for Node; single quotes hold words together. */
function argumentsOf(command: string): readonly string[] {
  const [program = '', ...words] = (command.match(/'[^']*'|\S+/g) ?? []).map((word) =>
    word.replace(/^'|'$/g, ''),
  )
  if (program === 'amends') return [join(projectRoot, 'dist/lib/cli.js'), ...words]
  assert.equal(program, 'node', `a guide runs ${program}`)
  const isFile = (word: string): boolean => programs().includes(word)
  return words.map((word) => (isFile(word) ? join(programsFolder, word) : word))
}

function node(
  cwd: string,
  args: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  // Otherwise the child takes itself for a part of this test run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8', timeout: 60_000 })
}
