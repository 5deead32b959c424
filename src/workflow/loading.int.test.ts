/** What importing `amends/workflow` does to a program: nothing but define things. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const index = new URL('./index.js', import.meta.url).href

describe('the import', () => {
  it('loads neither a database nor gRPC, protobuf or OpenTelemetry, and has no effect [workflow-B-12, workflow-B-14]', () => {
    const folder = mkdtempSync(join(tmpdir(), 'amends-loading-'))
    const program = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ resolve: (name, context, next) => (loaded.push(name), next(name, context)) })
      const before = Reflect.ownKeys(globalThis).length
      const { CompensationPrimitive } = await import(${JSON.stringify(index)})
      const output = await new CompensationPrimitive([[(n) => n + 1]]).execute(1)
      const foreign = loaded.filter((name) => !/^(\\.|file:)/.test(name))
      console.log(JSON.stringify({ output, foreign, globals: Reflect.ownKeys(globalThis).length - before }))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      cwd: folder,
    })
    assert.equal(stderr, '')
    const seen = JSON.parse(stdout) as { output: number; foreign: string[]; globals: number }
    assert.equal(seen.output, 2)
    assert.equal(seen.globals, 0)
    assert.deepEqual(
      seen.foreign.filter((name) => !ALLOWED.has(name)),
      [],
    )
    assert.deepEqual(readdirSync(folder), [])
    rmSync(folder, { recursive: true })
  })
})

const ALLOWED: ReadonlySet<string> = new Set(['node:assert', 'node:crypto'])
