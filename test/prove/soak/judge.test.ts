import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { growthPercent, judgeSoak, latencyOf, type SoakSample } from './judge.ts'

/** Ten minutes, a sample every ten seconds. */
function samples(at: (minute: number) => { rss?: number; p50Ms?: number; p99Ms?: number }) {
  return Array.from({ length: 60 }, (_, index): SoakSample => {
    const { rss = 100e6, p50Ms = 4, p99Ms = 40 } = at(index / 6)
    return { second: index * 10, memory: { rss }, latency: { calls: { p50Ms, p99Ms } } }
  })
}

describe('judgeSoak', () => {
  test('finds nothing in what is flat, and in what wavers', () => {
    assert.deepEqual(judgeSoak(samples(() => ({}))), [])
    const wavering = samples((minute) => ({
      rss: 100e6 + 3e6 * Math.sin(minute * 7),
      p50Ms: 4 + Math.sin(minute * 5),
      p99Ms: 40 + 15 * Math.sin(minute * 3),
    }))
    assert.deepEqual(judgeSoak(wavering), [])
  })

  test('what memory is taken at the beginning is no finding', () => {
    const warm = samples((minute) => ({ rss: minute < 3 ? 50e6 + 15e6 * minute : 95e6 }))
    assert.deepEqual(judgeSoak(warm), [])
  })

  test('finds memory that keeps growing', () => {
    const [finding = '', ...more] = judgeSoak(samples((minute) => ({ rss: 100e6 + 4e6 * minute })))
    assert.match(finding, /^rss grows by 3\.\d+ percent a minute$/)
    assert.deepEqual(more, [])
  })

  test('finds latencies that rise', () => {
    const slow = samples((minute) => ({ p50Ms: 10 + (minute > 6.7 ? 30 : 0) }))
    assert.deepEqual(judgeSoak(slow), ['p50Ms of calls rose from 10.0 to 40.0'])
    const tail = samples((minute) => ({ p99Ms: 40 + (minute > 6.7 ? 100 : 0) }))
    assert.deepEqual(judgeSoak(tail), ['p99Ms of calls rose from 40.0 to 140.0'])
  })

  test('says nothing of what is too short to judge', () => {
    assert.deepEqual(judgeSoak(samples(() => ({})).slice(0, 5)), ['5 samples are too few to judge'])
    assert.deepEqual(judgeSoak([]), ['0 samples are too few to judge'])
  })
})

test('growth is the slope by minute in percent of the mean', () => {
  const growing = samples((minute) => ({ rss: 100 + minute }))
  assert.equal(growthPercent(growing, 'rss').toFixed(3), (100 / 104.9166667).toFixed(3))
})

test('latencies are those in the middle and near the end', () => {
  const durations = Array.from({ length: 101 }, (_, at) => 100 - at)
  assert.deepEqual(latencyOf(durations), { p50Ms: 50, p99Ms: 99 })
  assert.deepEqual(latencyOf([]), { p50Ms: 0, p99Ms: 0 })
})
