/** The first program of the README prints what its comment says. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'

describe('examples/readme/checkout.ts', () => {
  it('prints the rollback, the last step first', () => {
    const program = new URL('../../examples/readme/checkout.js', import.meta.url).pathname
    const args = [...process.execArgv.filter((arg) => !arg.startsWith('--test')), program]
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.equal(stdout, 'refunded c-1\nreleased r-1\nundone: no carrier takes 2 x chai\n')
    const events = stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { event: string; step: string })
    assert.deepEqual(
      events.map(({ event, step }) => `${event} ${step}`),
      [
        'compensation_started chargeCard',
        'compensation_completed chargeCard',
        'compensation_started reserveStock',
        'compensation_completed reserveStock',
      ],
    )
  })

  it('has 25 lines at most', () => {
    const source = readFileSync(join(projectRoot, 'examples/readme/checkout.ts'), 'utf8')
    assert.ok(source.trimEnd().split('\n').length <= 25)
  })
})
