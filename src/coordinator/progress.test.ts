import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Progress } from './progress.ts'

describe('progress', () => {
  test('the low-water mark waits for the first position that is not done', () => {
    const progress = new Progress({ low: 0, done: [] })
    for (const position of [3, 5, 9]) progress.begin(position)
    progress.finish(5)
    assert.equal(progress.low, 2)
    progress.finish(3)
    assert.equal(progress.low, 8)
    progress.finish(9)
    assert.equal(progress.low, 9)
  })

  test('what was done above the mark before a restart is not begun again', () => {
    const first = new Progress({ low: 0, done: [] })
    for (const position of [1, 2, 3, 4]) first.begin(position)
    first.finish(2)
    first.finish(4)
    const second = new Progress(first.record())
    assert.deepEqual(
      [1, 2, 3, 4].map((position) => second.begin(position)),
      [true, false, true, false],
    )
  })

  test('a position that does not concern the component is passed at once', () => {
    const progress = new Progress({ low: 0, done: [] })
    progress.pass(7)
    assert.deepEqual(progress.record(), { low: 7, done: [] })
  })

  test('finishing twice and finishing what was passed change nothing', () => {
    const progress = new Progress({ low: 0, done: [] })
    progress.begin(1)
    progress.begin(2)
    progress.finish(1)
    progress.finish(1)
    assert.equal(progress.low, 1)
    assert.equal(progress.underWay, 1)
  })

  test('in any order of finishing the mark never moves back and ends at the last position', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        fc.infiniteStream(fc.nat()),
        (positions, picks) => {
          const ascending = [...positions].sort((a, b) => a - b)
          const progress = new Progress({ low: 0, done: [] })
          for (const position of ascending) progress.begin(position)
          const left = [...ascending]
          let low = progress.low
          while (left.length > 0) {
            const index = (picks.next().value ?? 0) % left.length
            for (const position of left.splice(index, 1)) progress.finish(position)
            assert.ok(progress.low >= low)
            low = progress.low
            assert.equal(low, left.length === 0 ? ascending.at(-1) : Math.min(...left) - 1)
          }
        },
      ),
    )
  })

  test('a record begins exactly what is not done, at any moment', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
        fc.array(fc.nat()),
        (positions, picks) => {
          const ascending = [...positions].sort((a, b) => a - b)
          const progress = new Progress({ low: 0, done: [] })
          for (const position of ascending) progress.begin(position)
          const done = new Set(picks.map((pick) => ascending[pick % ascending.length] ?? 0))
          for (const position of done) progress.finish(position)
          const again = new Progress(progress.record())
          const begun = ascending.filter(
            (position) => position > again.read && again.begin(position),
          )
          assert.deepEqual(
            begun,
            ascending.filter((position) => !done.has(position)),
          )
        },
      ),
    )
  })
})
