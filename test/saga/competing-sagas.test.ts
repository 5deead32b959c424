import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compete } from './competing-sagas.ts'

test('a hundred sagas compete for ten accounts, and readers see the same money at every moment', async () => {
  const { findings, sagas, completed, compensated, moments, readings } = await compete({
    sagas: 100,
    seed: 4,
  })
  assert.deepEqual(findings, [])
  assert.equal(sagas, 100)
  assert.ok(completed > 0 && compensated > 0 && moments > sagas && readings > 0)
})
