import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { fakeClock } from './fake-clock.ts'

describe('fakeClock', () => {
  test('fires timers in the order in which they are due, each at its time', () => {
    const clock = fakeClock()
    const fired: string[] = []
    const note = (name: string) => () => void fired.push(`${name}@${clock.monotonicMs()}`)
    clock.after(20, note('b'))
    clock.after(10, note('a'))
    clock.after(20, note('c'))
    clock.after(30, note('d')).cancel()
    assert.equal(clock.timers, 3)
    clock.advance(15)
    assert.deepEqual(fired, ['a@10'])
    clock.advance(5)
    assert.deepEqual(fired, ['a@10', 'b@20', 'c@20'])
    assert.equal(clock.timers, 0)
    assert.equal(clock.monotonicMs(), 20)
  })

  test('fires timers that timers set, when they are due within the same advance', async () => {
    for (const advance of ['advance', 'advanceAsync'] as const) {
      const clock = fakeClock()
      let ticks = 0
      const tick = (): void => {
        ticks++
        clock.after(10, tick)
      }
      clock.after(10, tick)
      await clock[advance](100)
      assert.equal(ticks, 10)
    }
  })

  test('gives the event loop to what a timer set in motion', async () => {
    const clock = fakeClock()
    const order: string[] = []
    clock.after(10, () => {
      void Promise.resolve()
        .then(() => new Promise((resolve) => setImmediate(resolve)))
        .then(() => clock.after(5, () => order.push('inner')))
    })
    clock.after(30, () => order.push('late'))
    await clock.advanceAsync(20)
    await clock.advanceAsync(20)
    assert.deepEqual(order.toSorted(), ['inner', 'late'])
  })

  test('moves the wall clock with time, and by hand', () => {
    const clock = fakeClock({ wall: 1_000n })
    clock.advance(2.5)
    assert.equal(clock.wall(), 2_501_000n)
    clock.setWall(7n)
    assert.equal(clock.wall(), 7n)
    assert.equal(clock.monotonicMs(), 2.5)
    clock.advance(1)
    assert.equal(clock.wall(), 1_000_007n)
  })
})
