import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { isUuid, randomRoot } from '../identity.ts'
import { seededRandom } from './seeded-random.ts'

describe('seededRandom', () => {
  test('repeats itself for a seed and differs for another', () => {
    const draw = (seed: number): unknown[] => {
      const random = seededRandom(seed)
      return [random.bytes(8), random.fraction(), randomRoot(random)]
    }
    assert.deepEqual(draw(1), draw(1))
    assert.notDeepEqual(draw(1), draw(2))
  })

  test('draws fractions evenly and roots that are UUIDs', () => {
    const random = seededRandom(3)
    const tenths = new Array<number>(10).fill(0)
    for (let n = 0; n < 10_000; n++) {
      const tenth = Math.floor(random.fraction() * 10)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const count of tenths) assert.ok(count > 850 && count < 1_150, `${count}`)
    assert.ok(isUuid(randomRoot(random)))
  })
})
