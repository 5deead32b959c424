import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { soak } from './soak.ts'

describe('a soak', () => {
  test('of twenty seconds loads a served coordinator, and nothing fails', async (t) => {
    const { counts, failures, samples } = await soak({
      seed: 20120704,
      seconds: 20,
      peakSeconds: 6,
      everySeconds: 2,
      report: (line) => t.diagnostic(line),
    })
    assert.deepEqual(failures, [])
    assert.ok(samples.length > 3, `${samples.length} samples`)
    assert.ok(Number(counts['confirmed']) > 0 && Number(counts['amended']) > 0)
    for (const { memory, latency } of samples) {
      assert.equal(Object.keys(memory).length, 4)
      assert.ok(Object.values(memory).every((bytes) => bytes > 0))
      assert.ok(Object.values(latency).every(({ p50Ms, p99Ms }) => p99Ms >= p50Ms))
    }
  })
})
