import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { claimHash } from './claim-hash.ts'

test('a hash never changes, because it is stored', () => {
  assert.deepEqual(
    ['', 'a', 'command#place-10248'].map(claimHash),
    [6500424483038225, 3530462837107886, 4431387971033725],
  )
})

test('a hash is a safe integer', () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      const hash = claimHash(key)
      assert.ok(Number.isSafeInteger(hash) && hash >= 0)
    }),
  )
})

test('a hundred thousand keys that differ in little share no hash', () => {
  const hashes = new Set<number>()
  for (let i = 0; i < 100_000; i++) hashes.add(claimHash(`command#order-${i}`))
  assert.equal(hashes.size, 100_000)
})
