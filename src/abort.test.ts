import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import {
  abortError,
  iterateBounded,
  linkSignals,
  runBounded,
  sleep,
  throwIfAborted,
  untilAborted,
} from './abort.ts'
import { type Clock, LONGEST_TIMER_MS } from './clock.ts'
import { codedError } from './errors.ts'
import { fakeClock } from './testing/fake-clock.ts'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length
const never = new Promise<never>(() => undefined)

describe('throwIfAborted', () => {
  it('lets a signal pass that has not aborted, and no signal at all', () => {
    throwIfAborted(undefined)
    throwIfAborted(new AbortController().signal)
  })

  it('throws ABORTED with the reason as its cause', () => {
    const reason = new Error('changed my mind')
    assert.throws(() => throwIfAborted(AbortSignal.abort(reason)), {
      code: 'ABORTED',
      cause: reason,
    })
  })

  it('throws a coded reason as it is', () => {
    const reason = codedError('COORDINATOR_CLOSED')
    assert.equal(abortError(AbortSignal.abort(reason)), reason)
  })
})

describe('linkSignals', () => {
  it('aborts with the reason of the outer signal and lets go of it', () => {
    const outer = new AbortController()
    using linked = linkSignals({ signal: outer.signal, timeoutMs: 50 }, fakeClock())
    assert.equal(listeners(outer.signal), 1)
    const reason = new Error('stop')
    outer.abort(reason)
    assert.equal(linked.signal.reason, reason)
    assert.equal(listeners(outer.signal), 0)
  })

  it('starts aborted when the outer signal has aborted, without a timer', () => {
    const clock = fakeClock()
    using linked = linkSignals({ signal: AbortSignal.abort('gone'), timeoutMs: 50 }, clock)
    assert.equal(linked.signal.reason, 'gone')
    assert.equal(clock.timers, 0)
  })

  it('aborts with DEADLINE_EXCEEDED when the time is over', async () => {
    const clock = fakeClock()
    const outer = new AbortController()
    using linked = linkSignals({ signal: outer.signal, timeoutMs: 50 }, clock)
    await clock.advanceAsync(49)
    assert.equal(linked.signal.aborted, false)
    await clock.advanceAsync(1)
    const error = abortError(linked.signal)
    assert.equal(error.code, 'DEADLINE_EXCEEDED')
    assert.equal(error.grpcStatus, 'DEADLINE_EXCEEDED')
    assert.deepEqual(error.details, { timeout_ms: '50' })
    assert.equal(listeners(outer.signal), 0)
  })

  it('keeps the first reason when the deadline follows', async () => {
    const clock = fakeClock()
    const outer = new AbortController()
    using linked = linkSignals({ signal: outer.signal, timeoutMs: 50 }, clock)
    outer.abort('first')
    await clock.advanceAsync(60)
    assert.equal(linked.signal.reason, 'first')
  })

  it('waits for a deadline beyond the longest timer in parts', async () => {
    const fake = fakeClock()
    const delaysMs: number[] = []
    const after: Clock['after'] = (delayMs, callback) => {
      delaysMs.push(delayMs)
      return fake.after(delayMs, callback)
    }
    using linked = linkSignals({ timeoutMs: LONGEST_TIMER_MS + 10 }, { ...fake, after })
    fake.advance(LONGEST_TIMER_MS)
    assert.equal(linked.signal.aborted, false)
    fake.advance(10)
    assert.equal(linked.signal.aborted, true)
    assert.deepEqual(delaysMs, [LONGEST_TIMER_MS, 10])
  })

  it('takes an infinite deadline for none', () => {
    const clock = fakeClock()
    using linked = linkSignals({ timeoutMs: Infinity }, clock)
    assert.equal(linked.signal.aborted, false)
    assert.equal(clock.timers, 0)
  })

  it('lets go of listener and timer when disposed', () => {
    const clock = fakeClock()
    const outer = new AbortController()
    const linked = linkSignals({ signal: outer.signal, timeoutMs: 50 }, clock)
    linked[Symbol.dispose]()
    linked[Symbol.dispose]()
    assert.equal(listeners(outer.signal), 0)
    assert.equal(clock.timers, 0)
  })

  it('refuses a deadline that is no duration', () => {
    for (const timeoutMs of [-1, Number.NaN]) {
      assert.throws(() => linkSignals({ timeoutMs }, fakeClock()), {
        code: 'INVALID_ARGUMENT',
        details: { field: 'timeoutMs', input: String(timeoutMs) },
      })
    }
  })
})

describe('untilAborted', () => {
  it('answers what the promise answers and lets go of the signal', async () => {
    const { signal } = new AbortController()
    assert.equal(await untilAborted(Promise.resolve(42), signal), 42)
    assert.equal(listeners(signal), 0)
  })

  it('rejects when the signal aborts, though the promise never settles', async () => {
    const controller = new AbortController()
    const waiting = untilAborted(never, controller.signal)
    controller.abort()
    await assert.rejects(waiting, { code: 'ABORTED' })
    assert.equal(listeners(controller.signal), 0)
  })

  it('prefers the abort over a result that is there already', async () => {
    await assert.rejects(untilAborted(Promise.resolve(1), AbortSignal.abort()), { code: 'ABORTED' })
  })

  it('swallows what becomes of the promise after the abort', async () => {
    const late = Promise.withResolvers<never>()
    await assert.rejects(untilAborted(late.promise, AbortSignal.abort()), { code: 'ABORTED' })
    late.reject(new Error('nobody listens'))
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('runBounded', () => {
  it('gives the call a signal that follows the deadline', async () => {
    const clock = fakeClock()
    let seen: AbortSignal | undefined
    const running = runBounded({ timeoutMs: 20 }, clock, (signal) => {
      seen = signal
      return never
    })
    const failed = assert.rejects(running, { code: 'DEADLINE_EXCEEDED' })
    await clock.advanceAsync(20)
    await failed
    assert.equal(seen?.aborted, true)
  })

  it('does not start a call whose signal has aborted', async () => {
    let started = false
    const running = runBounded({ signal: AbortSignal.abort() }, fakeClock(), async () => {
      started = true
    })
    await assert.rejects(running, { code: 'ABORTED' })
    assert.equal(started, false)
  })

  it('stops the timer when the call ends, whichever way', async () => {
    const clock = fakeClock()
    assert.equal(await runBounded({ timeoutMs: 20 }, clock, () => Promise.resolve('done')), 'done')
    const failing = runBounded({ timeoutMs: 20 }, clock, () => Promise.reject(new Error('no')))
    await assert.rejects(failing, /no/)
    assert.equal(clock.timers, 0)
  })
})

describe('iterateBounded', () => {
  it('yields what the stream yields and lets go of everything at its end', async () => {
    const clock = fakeClock()
    const { signal } = new AbortController()
    async function* two(): AsyncGenerator<number> {
      yield* [1, 2]
    }
    const seen = await Array.fromAsync(iterateBounded({ signal, timeoutMs: 20 }, clock, two))
    assert.deepEqual(seen, [1, 2])
    assert.equal(listeners(signal), 0)
    assert.equal(clock.timers, 0)
  })

  it('ends the stream when the reader breaks out', async () => {
    let ended = false
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n++) yield n
      } finally {
        ended = true
      }
    }
    for await (const n of iterateBounded({}, fakeClock(), endless)) if (n === 2) break
    assert.equal(ended, true)
  })

  it('gives up a stream that is stuck when the signal aborts', async () => {
    const controller = new AbortController()
    async function* stuck(): AsyncGenerator<number> {
      yield 1
      await never
    }
    const seen: number[] = []
    await assert.rejects(
      async () => {
        for await (const n of iterateBounded({ signal: controller.signal }, fakeClock(), stuck)) {
          seen.push(n)
          queueMicrotask(() => controller.abort())
        }
      },
      { code: 'ABORTED' },
    )
    assert.deepEqual(seen, [1])
    assert.equal(listeners(controller.signal), 0)
  })
})

describe('sleep', () => {
  it('waits for the time', async () => {
    const clock = fakeClock()
    let awake = false
    const sleeping = sleep(30, clock).then(() => (awake = true))
    await clock.advanceAsync(29)
    assert.equal(awake, false)
    await clock.advanceAsync(1)
    await sleeping
  })

  it('ends early when the signal aborts, and leaves no timer behind', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const sleeping = sleep(30, clock, controller.signal)
    controller.abort()
    await assert.rejects(sleeping, { code: 'ABORTED' })
    assert.equal(clock.timers, 0)
    assert.equal(listeners(controller.signal), 0)
  })
})
