import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Random } from '../identity.ts'
import { ExponentialBackoffRetry } from './retry.ts'

const delay = fc.double({ min: 0, max: 1e6, noNaN: true })
const attempt = fc.nat({ max: 2000 })
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the waits of ExponentialBackoffRetry', () => {
  it('never exceed the cap, never shrink without jitter, and double until the cap', () => {
    fc.assert(
      fc.property(delay, delay, attempt, (minDelayMs, maxDelayMs, n) => {
        const policy = new ExponentialBackoffRetry({ minDelayMs, maxDelayMs, jitter: false })
        const [now, next] = [policy.delayMs(n), policy.delayMs(n + 1)]
        assert.ok(now <= maxDelayMs)
        assert.ok(now <= next)
        if (n < 30 && next < maxDelayMs) assert.equal(next, now * 2)
        assert.equal(policy.delayMs(0), Math.min(minDelayMs, maxDelayMs))
      }),
    )
  })

  it('with jitter lie between half of the full wait and all of it', () => {
    fc.assert(
      fc.property(delay, delay, attempt, fraction, (minDelayMs, maxDelayMs, n, drawn) => {
        const random: Random = { bytes: (length) => new Uint8Array(length), fraction: () => drawn }
        const full = new ExponentialBackoffRetry({ minDelayMs, maxDelayMs, jitter: false })
        const shortened = new ExponentialBackoffRetry({ minDelayMs, maxDelayMs, random })
        assert.ok(shortened.delayMs(n) >= full.delayMs(n) / 2)
        assert.ok(shortened.delayMs(n) <= full.delayMs(n))
      }),
    )
  })
})
