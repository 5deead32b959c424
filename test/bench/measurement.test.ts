import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { belowFloor, median, summarize, type Measurement } from '../../bench/measurement.ts'

const round = (name: string, ours: number, baseline: number): Measurement => ({
  name,
  ours,
  baseline,
  unit: 'events/s',
  against: 'nothing',
})

describe('the benches', () => {
  it('sum rounds up by the median of their ratios, not the ratio of their medians', () => {
    const [summary] = summarize([round('a', 10, 10), round('a', 30, 10), round('a', 90, 100)])
    assert.equal(summary?.ratio, 1)
    assert.equal(summary?.ours, 30)
    assert.deepEqual(summary?.range, [0.9, 3])
  })

  it('take the mean of the two in the middle of an even number of rounds', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5)
  })

  it('fail a gate below a floor, and where a floor was not measured', () => {
    const summaries = summarize([round('a', 8, 10), round('b', 9, 10)])
    assert.deepEqual(belowFloor(summaries, { a: 0.8, b: 0.8 }), [])
    assert.deepEqual(belowFloor(summaries, { a: 0.9, c: 1 }), [
      'a is 0.80, its floor 0.90',
      'c has a floor and was not measured',
    ])
  })
})
