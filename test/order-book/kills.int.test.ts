import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { proveKills } from '../prove/kills.ts'

describe('kill -9', () => {
  test('three runs that are killed and continued end with clean books', async (t) => {
    const report = (line: string): void => t.diagnostic(line)
    const { counts, findings } = await proveKills({ runs: 3, seed: 20120704, report })
    assert.deepEqual(findings, [])
    assert.equal(counts.clean, 3)
  })
})
