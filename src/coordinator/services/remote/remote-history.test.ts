import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asHistory, remoteFolding } from './remote-history.ts'

describe('a history that is kept for a component elsewhere', () => {
  it('holds the bytes of its events, and not what they arrived in', () => {
    const arrived = new Uint8Array(65_536).fill(7)
    const value = arrived.subarray(1_000, 1_003)
    const event = { type: 'shop.Sold', value, sequence: 0 }
    const history = asHistory(remoteFolding.fold(remoteFolding.fresh(), event))
    const [page] = history.pages
    const kept = page?.payload.case === 'event' ? page.payload.value.value : undefined
    assert.deepEqual([...(kept ?? [])], [7, 7, 7])
    assert.equal(kept?.buffer.byteLength, 3)
    assert.equal(history.bytes, 3)
  })
})
