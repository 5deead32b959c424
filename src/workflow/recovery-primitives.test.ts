/** Retry, timeout, fallback: what stands between a step and its failure. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { createTelemetry } from '../telemetry/telemetry.ts'
import { executionMetrics } from './execution-metrics.ts'
import { fallback, fallbackErrorsOf, FallbackPrimitive } from './fallback-primitive.ts'
import { mockPrimitive } from './mock-primitive.ts'
import {
  driven,
  observedContext,
  silentContext,
  thrownBy,
} from './observed-context.test.support.ts'
import { RetryPrimitive } from './retry-primitive.ts'
import { RetryStrategy } from './retry-strategy.ts'
import { TimeoutPrimitive } from './timeout-primitive.ts'
import { WorkflowTimeoutError } from './workflow-timeout-error.ts'
import type { WorkflowContext } from './workflow-context.ts'

const isInvalid = (error: unknown): boolean => codeOf(error) === 'WORKFLOW_INVALID'
const names = (context: WorkflowContext): readonly string[] =>
  context.checkpoints.map(({ name }) => name.split('/').at(-1) ?? '')

/** Fails so many times, then returns its input. */
function failing(times: number, error: Error = new Error('not yet')) {
  return mockPrimitive<number, number>({
    implementation: (n) => {
      if (times-- > 0) throw error
      return n
    },
  })
}

describe('a retry strategy', () => {
  it('doubles from a second on, within half and one and a half, up to its longest [workflow-T47, workflow-B-7]', () => {
    const plain = new RetryStrategy({ jitter: false })
    assert.deepEqual(
      [0, 1, 2, 3, 6, 7].map((failed) => plain.delayMs(failed, 0.9)),
      [1_000, 2_000, 4_000, 8_000, 60_000, 60_000],
    )
    const jittered = new RetryStrategy()
    assert.equal(jittered.delayMs(0, 0), 500)
    assert.equal(jittered.delayMs(0, 0.999), 1_499)
    assert.equal(jittered.delayMs(10, 0.999), 60_000)
    assert.equal(new RetryStrategy({ jitter: false, maxDelayMs: 5_000 }).delayMs(10, 0), 5_000)
  })

  it('knows constant and linear pauses', () => {
    const constant = new RetryStrategy({ backoff: 'constant', initialDelayMs: 7, jitter: false })
    const linear = new RetryStrategy({ backoff: 'linear', initialDelayMs: 7, jitter: false })
    assert.deepEqual(
      [0, 1, 2].map((n) => constant.delayMs(n, 0)),
      [7, 7, 7],
    )
    assert.deepEqual(
      [0, 1, 2].map((n) => linear.delayMs(n, 0)),
      [7, 14, 21],
    )
  })

  it('is checked when it is made [workflow-T53, workflow-B-7]', () => {
    for (const bad of [
      { maxRetries: -1 },
      { maxRetries: 1.5 },
      { factor: 0.5 },
      { initialDelayMs: -1 },
      { initialDelayMs: Number.NaN },
      { backoff: 'wild' as 'linear' },
    ]) {
      assert.throws(() => new RetryStrategy(bad), isInvalid)
    }
  })
})

describe('retry', () => {
  it('has a strategy, its own or the one given [workflow-T48]', () => {
    const operation = failing(0)
    assert.equal(new RetryPrimitive(operation).strategy.maxRetries, 3)
    const strategy = new RetryStrategy({ maxRetries: 7 })
    assert.equal(new RetryPrimitive(operation, strategy).strategy, strategy)
    assert.equal(new RetryPrimitive(operation, { strategy }).strategy, strategy)
  })

  for (const [times, maxRetries, calls] of [
    [0, 3, 1],
    [2, 3, 3],
    [9, 3, 4],
    [9, 0, 1],
  ] as const) {
    it(`an operation that fails ${times} times is called ${calls} times with ${maxRetries} retries, traced or not [workflow-T49, workflow-T53]`, async () => {
      const untraced = createTelemetry({ log: 'none', tracer: 'none' })
      for (const init of [{}, { telemetry: untraced }]) {
        const { context, clock } = observedContext(init)
        const error = new RangeError('not yet')
        const operation = failing(times, error)
        const running = new RetryPrimitive(operation, { maxRetries }).execute(5, context)
        if (times > maxRetries) assert.equal(await thrownBy(driven(clock, running)), error)
        else assert.equal(await driven(clock, running), 5)
        operation.assertCallCount(calls)
      }
    })
  }

  it('pauses between attempts and not after the last one [workflow-T51, workflow-T55]', async () => {
    for (const [options, totalMs] of [
      [{ maxRetries: 2, factor: 2 }, 3_000],
      [{ maxRetries: 2, factor: 1 }, 2_000],
      [{ maxRetries: 3, factor: 10, maxDelayMs: 20_000 }, 31_000],
    ] as const) {
      const { context, clock } = observedContext()
      const pauses: number[] = []
      const retrying = new RetryPrimitive(failing(99), {
        ...options,
        jitter: false,
        onRetry: (_error, _attempt, delayMs) => pauses.push(delayMs),
      })
      await thrownBy(driven(clock, retrying.execute(1, context)))
      assert.equal(pauses.length, options.maxRetries)
      assert.equal(
        pauses.reduce((sum, each) => sum + each, 0),
        totalMs,
      )
    }
  })

  it('each attempt gets the same input and context [workflow-T52]', async () => {
    const { context, clock } = observedContext()
    const operation = failing(2)
    await driven(clock, new RetryPrimitive(operation).execute(5, context))
    for (const call of operation.calls) {
      assert.equal(call.input, 5)
      assert.equal(call.context.correlationId, context.correlationId)
      assert.equal(call.context.state, context.state)
    }
  })

  it('attempts and pauses have checkpoints and metrics [workflow-T56]', async () => {
    const { context, clock, telemetry } = observedContext()
    await driven(clock, new RetryPrimitive(failing(1)).execute(5, context))
    const noted = names(context)
    for (const name of [
      'retry.start',
      'retry.attempt_0.start',
      'retry.attempt_0.end',
      'retry.backoff_0.start',
      'retry.backoff_0.end',
      'retry.attempt_1.end',
      'retry.end',
    ]) {
      assert.ok(noted.includes(name), name)
    }
    assert.ok(!noted.includes('retry.attempt_2.start'))
    const { total } = executionMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'RetryPrimitive', outcome: 'completed' }), 1)
  })

  it('gives up at once on errors that are not worth it, and when it is cancelled [workflow-B-7]', async () => {
    const operation = failing(9)
    const picky = new RetryPrimitive(operation, { retryIf: (_, attempt) => attempt < 2 })
    const { context, clock } = observedContext()
    await thrownBy(driven(clock, picky.execute(1, context)))
    operation.assertCallCount(2)
    const controller = new AbortController()
    const cancelled = observedContext({ signal: controller.signal })
    const patient = new RetryPrimitive(failing(9), {
      onRetry: () => setImmediate(() => controller.abort()),
    })
    assert.equal(codeOf(await thrownBy(patient.execute(1, cancelled.context))), 'ABORTED')
    assert.equal(cancelled.clock.timers, 0)
  })
})

describe('timeout', () => {
  const slow =
    (delayMs: number) =>
    (n: number, { clock }: WorkflowContext) =>
      new Promise<number>((resolve) => void clock.after(delayMs, () => resolve(n)))

  it('what ends in time is returned, again and again [workflow-T57, workflow-T61]', async () => {
    const { context, clock } = observedContext()
    let delayMs = 100
    const limited = new TimeoutPrimitive((n: number, within) => slow(delayMs)(n, within), {
      timeoutMs: 1_000,
    })
    assert.equal(await driven(clock, limited.execute(1, context)), 1)
    delayMs = 9_000
    await assert.rejects(driven(clock, limited.execute(2, context)), WorkflowTimeoutError)
    delayMs = 100
    assert.equal(await driven(clock, limited.execute(3, context)), 3)
    await clock.advanceAsync(9_000)
    assert.equal(clock.timers, 0)
  })

  it('what does not is an error with the limit and the name [workflow-T58, workflow-B-8]', async () => {
    const { context, clock, telemetry } = observedContext()
    const limited = new TimeoutPrimitive(slow(9_000), { timeoutMs: 100, name: 'charge' })
    const error = await thrownBy(driven(clock, limited.execute(1, context)))
    assert.ok(error instanceof WorkflowTimeoutError)
    assert.equal(error.code, 'WORKFLOW_TIMEOUT')
    assert.equal(error.timeoutMs, 100)
    assert.equal(error.primitive, 'charge')
    const { total } = executionMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'charge', outcome: 'failed' }), 1)
    assert.equal(telemetry.spans[0]?.status, 'error')
    await clock.advanceAsync(9_000)
    const late = telemetry.events.find(({ event }) => event === 'timeout_late_result')
    assert.equal(late?.['outcome'], 'completed')
  })

  it('a timeout error of the operation itself is its own [workflow-B-8]', async () => {
    const own = new DOMException('mine', 'TimeoutError')
    const limited = new TimeoutPrimitive(mockPrimitive<number, number>({ throws: own }), {
      timeoutMs: 1_000,
    })
    assert.equal(await thrownBy(limited.execute(1, silentContext())), own)
  })

  it('a fallback runs in place of the error, once [workflow-T59]', async () => {
    const { context, clock } = observedContext()
    const instead = mockPrimitive<number, string>({ returns: 'instead' })
    const limited = new TimeoutPrimitive(slow(9_000), { timeoutMs: 100, fallback: instead })
    assert.equal(await driven(clock, limited.execute(1, context)), 'instead')
    instead.assertCalledOnce()
    instead.assertCalledWith(1)
  })

  it('timeouts are kept in the state, unless that is turned off [workflow-T60]', async () => {
    const { context, clock } = observedContext({
      state: { timeout_count: 4, timeout_history: [0] },
    })
    const options = { timeoutMs: 100, name: 'limited' }
    await thrownBy(driven(clock, new TimeoutPrimitive(slow(9_000), options).execute(1, context)))
    assert.deepEqual(context.state, {
      timeout_count: 5,
      timeout_history: [0, { primitive: 'limited', timeoutMs: 100, hadFallback: false }],
    })
    const other = observedContext()
    await new TimeoutPrimitive((n: number) => n, options).execute(1, other.context)
    const quiet = new TimeoutPrimitive(slow(9_000), { ...options, trackTimeouts: false })
    await thrownBy(driven(other.clock, quiet.execute(1, other.context)))
    assert.deepEqual(other.context.state, {})
  })

  it('refuses a limit that is none', () => {
    for (const timeoutMs of [0, -1, Number.NaN, undefined as unknown as number]) {
      assert.throws(() => new TimeoutPrimitive((n: number) => n, { timeoutMs }), isInvalid)
    }
  })
})

describe('fallback', () => {
  const primaryError = new Error('primary')
  const primary = (fails: boolean) =>
    mockPrimitive<number, string>(fails ? { throws: primaryError } : { returns: 'primary' })

  it('runs only when the primary fails [workflow-T62, workflow-T63]', async () => {
    const instead = mockPrimitive<number, string>({ returns: 'instead' })
    assert.equal(await fallback(primary(false), instead).execute(1, silentContext()), 'primary')
    instead.assertNotCalled()
    assert.equal(await fallback(primary(true), instead).execute(1, silentContext()), 'instead')
    instead.assertCalledWith(1)
  })

  it('when all fail the error is that of the primary, the others are found by it [workflow-T64, workflow-T65]', async () => {
    const errors = [new Error('one'), new Error('two')]
    const all = fallback(
      primary(true),
      mockPrimitive<number, string>({ throws: errors[0] }),
      mockPrimitive<number, string>({ throws: errors[1] }),
    )
    const telemetry = createTelemetry({ log: 'none', tracer: 'none' })
    for (const context of [silentContext(), silentContext({ telemetry })]) {
      assert.equal(await thrownBy(all.execute(1, context)), primaryError)
    }
    assert.deepEqual(fallbackErrorsOf(primaryError), errors)
    assert.deepEqual(fallbackErrorsOf(new Error('other')), [])
  })

  it('has checkpoints on the ways it took, and cascades [workflow-T66]', async () => {
    const { context } = observedContext()
    await fallback(primary(false), () => 'x').execute(1, context)
    const noted = names(context)
    for (const name of ['fallback.start', 'fallback.primary.end', 'fallback.end']) {
      assert.ok(noted.includes(name), name)
    }
    assert.ok(!noted.includes('fallback.fallback.start'))
    const cascade = fallback(fallback(primary(true), primary(true)), () => 'last')
    assert.equal(await cascade.execute(1, context), 'last')
    assert.ok(names(context).includes('fallback.fallback.end'))
  })

  it('leaves alone what the predicate does not want, and needs an operation', async () => {
    const instead = mockPrimitive<number, string>()
    const picky = new FallbackPrimitive(primary(true), instead, { fallbackIf: () => false })
    assert.equal(await thrownBy(picky.execute(1, silentContext())), primaryError)
    instead.assertNotCalled()
    assert.throws(() => new FallbackPrimitive(primary(true), []), isInvalid)
  })
})
