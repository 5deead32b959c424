import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { ByteWriter } from './codec/byte-writer.ts'
import { externalHeader } from './header.ts'
import { decodeEventPage, encodeEventPage, writeEventPage } from './page-codec.ts'

const typeUrl = 'type.googleapis.com/orders.OrderCreated'
const value = Uint8Array.of(10, 3, 111, 45, 49)
const createdAt = 1_763_640_000_123_456_789n

describe('an encoded page', () => {
  test('says what it was made of', () => {
    const view = decodeEventPage(encodeEventPage({ sequence: 7, createdAt, typeUrl, value }))
    assert.equal(view.sequence, 7)
    assert.equal(view.createdAt, createdAt)
    assert.equal(view.typeUrl, typeUrl)
    assert.deepStrictEqual(view.value, value)
    assert.equal(view.noCommit, false)
    assert.equal(view.cascadeId, undefined)
  })

  test('tells pages of many seconds apart', () => {
    const times = [0n, createdAt, createdAt + 1n, -5n, createdAt - 1_000_000_000n, createdAt]
    const pages = times.map((time) => encodeEventPage({ sequence: 0, createdAt: time }))
    assert.deepStrictEqual(
      pages.map((page) => decodeEventPage(page).createdAt),
      times,
    )
  })

  test('is compared with a type without making text of it', () => {
    const view = decodeEventPage(encodeEventPage({ sequence: 7, typeUrl, value }))
    assert.equal(view.typeUrlIs(new TextEncoder().encode(typeUrl)), true)
    assert.equal(view.typeUrlIs(new TextEncoder().encode(`${typeUrl}2`)), false)
    assert.equal(view.typeUrlIs(new TextEncoder().encode(typeUrl.replace('C', 'D'))), false)
  })

  test('lends the bytes of its event, it does not copy them', () => {
    const page = encodeEventPage({ sequence: 7, typeUrl, value })
    const view = decodeEventPage(page)
    assert.equal(view.value?.buffer, page.buffer)
    assert.deepStrictEqual(view.bytes.subarray(view.valueFrom, view.valueTo), value)
  })

  test('of a pending event carries its cascade', () => {
    const parts = { sequence: 7, typeUrl, value, noCommit: true, cascadeId: 'c-1' }
    const view = decodeEventPage(encodeEventPage(parts))
    assert.equal(view.noCommit, true)
    assert.equal(view.cascadeId, 'c-1')
  })

  test('may defer its sequence', () => {
    const page = encodeEventPage({ header: externalHeader('id-1'), typeUrl, value })
    const view = decodeEventPage(page)
    assert.equal(view.sequence, undefined)
    assert.deepStrictEqual(view.value, value)
  })

  test('without an event has no value', () => {
    assert.equal(decodeEventPage(encodeEventPage({ sequence: 7 })).value, undefined)
    assert.equal(decodeEventPage(new Uint8Array(0)).createdAt, undefined)
  })

  test('follows another in one writer', () => {
    const writer = new ByteWriter()
    writeEventPage({ sequence: 7, typeUrl, value }, writer)
    const middle = writer.length
    writeEventPage({ sequence: 8, typeUrl, value }, writer)
    const both = writer.take()
    assert.equal(decodeEventPage(both, 0, middle).sequence, 7)
    assert.equal(decodeEventPage(both, middle).sequence, 8)
  })

  test('is refused for a sequence or a time that does not fit', () => {
    for (const sequence of [-1, 2 ** 32, 1.5, Number.NaN]) {
      assert.throws(() => encodeEventPage({ sequence }), { code: 'INVALID_ARGUMENT' })
    }
    assert.throws(() => encodeEventPage({ createdAt: 10n ** 40n }), { code: 'INVALID_TIMESTAMP' })
    const after = encodeEventPage({ sequence: 1, createdAt })
    assert.equal(decodeEventPage(after).createdAt, createdAt)
  })

  test('of malformed bytes is refused', () => {
    assert.throws(() => decodeEventPage(Uint8Array.of(10, 9, 8)), RangeError)
  })
})
