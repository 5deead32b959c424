import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffMs } from './backoff.ts'

const backoff = { msMin: 10, msMax: 2_000 }

test('delays double from the least to the most', () => {
  const delays = [1, 2, 3, 8, 9, 40].map((attempt) => backoffMs(backoff, attempt, 0.999_999))
  assert.deepEqual(delays.map(Math.round), [10, 20, 40, 1_280, 2_000, 2_000])
})

test('jitter draws from the upper half', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, fraction) => {
        const whole = Math.min(10 * 2 ** (attempt - 1), 2_000)
        const delay = backoffMs(backoff, attempt, fraction)
        assert.ok(delay >= whole / 2 && delay <= whole)
      },
    ),
  )
})
