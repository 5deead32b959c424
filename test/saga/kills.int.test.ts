import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killSagas } from './kills.ts'

test('sagas of a process that is killed at any moment end in the next one, each effect once', async () => {
  const { killedAt, findings } = await killSagas({ sagas: 240, kills: 3, seed: 11 })
  assert.deepEqual(findings, [])
  assert.ok(killedAt.length >= 2, `killed at ${killedAt.join(', ')}`)
})
