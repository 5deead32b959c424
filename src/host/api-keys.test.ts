import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { keyRing } from './api-keys.ts'

const KEY = '0123456789abcdef'
const DIGEST = '9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f'
const sending = (text: string | undefined) => ({ metadata: () => text })

test('a key is known as itself and by its digest', () => {
  const one = keyRing([{ name: 'shop', roles: ['read'], key: KEY }])
  const other = keyRing([{ name: 'shop', roles: ['read'], sha256: DIGEST }])
  for (const ring of [one, other]) {
    assert.equal(ring.holderOf(sending(`Bearer ${KEY}`)).name, 'shop')
    assert.ok(ring.holderOf(sending(`bearer  ${KEY}`)).roles.has('read'))
    assert.throws(() => ring.holderOf(sending(undefined)), { code: 'API_KEY_MISSING' })
    assert.throws(() => ring.holderOf(sending(KEY)), { code: 'API_KEY_MISSING' })
    assert.throws(() => ring.holderOf(sending(`Bearer ${KEY}0`)), { code: 'API_KEY_UNKNOWN' })
  }
})

test('a key that is short, shared or no digest is refused when the ring is made', () => {
  const shop = { name: 'shop', roles: ['read'] }
  const refused = { code: 'CONFIGURATION_INVALID' }
  assert.throws(() => keyRing([{ ...shop, key: 'short' }]), refused)
  assert.throws(() => keyRing([{ ...shop, key: `${KEY} with a blank` }]), refused)
  assert.throws(() => keyRing([{ ...shop, sha256: 'abc' }]), refused)
  const both = [
    { ...shop, key: KEY },
    { name: 'other', roles: [], sha256: DIGEST },
  ]
  assert.throws(() => keyRing(both), refused)
})
