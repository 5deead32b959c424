import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { GenerationMap } from './generation-map.ts'

describe('GenerationMap', () => {
  test('never holds more than its bound', () => {
    const map = new GenerationMap<number, number>(100)
    for (let n = 0; n < 10_000; n++) {
      map.set(n, n)
      assert.ok(map.size <= 100)
    }
    assert.equal(map.get(9_999), 9_999)
    assert.equal(map.get(0), undefined)
  })

  test('keeps what is used and forgets what is not', () => {
    const map = new GenerationMap<string, number>(100)
    map.set('used', 1)
    map.set('unused', 2)
    for (let n = 0; n < 1_000; n++) {
      map.set(`${n}`, n)
      assert.equal(map.get('used'), 1)
    }
    assert.equal(map.get('unused'), undefined)
  })

  test('holds the last value of a key, and nothing after clear', () => {
    const map = new GenerationMap<string, number>(10)
    map.set('a', 1)
    map.set('a', 2)
    assert.equal(map.get('a'), 2)
    map.clear()
    assert.equal(map.get('a'), undefined)
    assert.equal(map.size, 0)
  })
})
