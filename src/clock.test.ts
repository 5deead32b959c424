import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LONGEST_TIMER_MS, NANOSECONDS_PER_MS, systemClock } from './clock.ts'

describe('systemClock', () => {
  it('reads the time of this machine in nanoseconds', () => {
    const before = BigInt(Date.now())
    const wall = systemClock().wall()
    assert.ok(wall >= before * NANOSECONDS_PER_MS)
    assert.ok(wall <= BigInt(Date.now()) * NANOSECONDS_PER_MS)
  })

  it('has a monotonic reading that never goes back', () => {
    const clock = systemClock()
    let last = clock.monotonicMs()
    for (let n = 0; n < 1000; n++) {
      const now = clock.monotonicMs()
      assert.ok(now >= last)
      last = now
    }
  })

  it('calls back once', async () => {
    const clock = systemClock()
    let calls = 0
    await new Promise<void>((resolve) => {
      clock.after(1, () => {
        calls++
        resolve()
      })
    })
    await new Promise<void>((resolve) => void clock.after(2, resolve))
    assert.equal(calls, 1)
  })

  it('does not call back after it was cancelled, and cancelling twice is fine', async () => {
    const clock = systemClock()
    let called = false
    const timer = clock.after(1, () => (called = true))
    timer.cancel()
    timer.cancel()
    await new Promise<void>((resolve) => void clock.after(5, resolve))
    assert.equal(called, false)
  })

  it('holds a delay longer than the platform can, without firing at once', async () => {
    const clock = systemClock()
    let called = false
    const timer = clock.after(LONGEST_TIMER_MS * 4, () => (called = true))
    await new Promise<void>((resolve) => void clock.after(2, resolve))
    timer.cancel()
    assert.equal(called, false)
  })
})
