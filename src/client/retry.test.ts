import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Clock } from '../clock.ts'
import { CodedError, codedError } from '../errors.ts'
import {
  CommandRejectedError,
  ConnectionError,
  GRPCError,
  InvalidArgumentError,
  TransportError,
} from '../errors/client-error.ts'
import type { GrpcStatusName } from '../errors/error-row.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import type { Random } from '../identity.ts'
import {
  defaultRetryPolicy,
  ExponentialBackoffRetry,
  type Retryability,
  RetryPolicy,
  isRetryable,
} from './retry.ts'

const halves: Random = { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 }

/** Fails so many times, then answers. */
function failing(times: number, answer: number): { (): Promise<number>; calls: number } {
  const operation = async (): Promise<number> => {
    operation.calls++
    if (operation.calls <= times) throw new Error(`attempt ${operation.calls}`)
    return answer
  }
  operation.calls = 0
  return operation
}

describe('defaultRetryPolicy', () => {
  it('waits 100 ms to 5 s with jitter, ten attempts in all [client-C-0127]', () => {
    const policy = defaultRetryPolicy()
    assert.ok(policy instanceof ExponentialBackoffRetry)
    assert.ok(policy instanceof RetryPolicy)
    const { minDelayMs, maxDelayMs, maxAttempts, jitter, onRetry } = policy
    assert.deepEqual([minDelayMs, maxDelayMs, maxAttempts, jitter], [100, 5000, 10, true])
    assert.equal(onRetry, undefined)
  })
})

describe('ExponentialBackoffRetry', () => {
  it('answers what the operation answers in the end [client-C-0128]', async () => {
    const operation = failing(2, 42)
    const clock = fakeClock()
    const policy = new ExponentialBackoffRetry({ maxAttempts: 5, jitter: false, clock })
    const running = policy.execute(operation)
    await clock.advanceAsync(300)
    assert.equal(await running, 42)
    assert.equal(operation.calls, 3)
  })

  it('rejects with the last error as it is after the last attempt [client-C-0129]', async () => {
    const operation = failing(9, 42)
    const clock = fakeClock()
    const running = new ExponentialBackoffRetry({ maxAttempts: 3, clock }).execute(operation)
    const failed = assert.rejects(running, { message: 'attempt 3' })
    await clock.advanceAsync(10_000)
    await failed
    assert.equal(operation.calls, 3)
  })

  it('tells of every failure but the last, counting from 0 [client-C-0130]', async () => {
    const told: [number, unknown][] = []
    const clock = fakeClock()
    const policy = new ExponentialBackoffRetry({
      maxAttempts: 3,
      clock,
      onRetry: (attempt, error) => told.push([attempt, (error as Error).message]),
    })
    const failed = assert.rejects(policy.execute(failing(9, 42)))
    await clock.advanceAsync(10_000)
    await failed
    assert.deepEqual(told, [
      [0, 'attempt 1'],
      [1, 'attempt 2'],
    ])
  })

  it('doubles the wait up to its cap', async () => {
    const fake = fakeClock()
    const delaysMs: number[] = []
    const after: Clock['after'] = (delayMs, callback) => {
      delaysMs.push(delayMs)
      return fake.after(delayMs, callback)
    }
    const policy = new ExponentialBackoffRetry({ jitter: false, clock: { ...fake, after } })
    const failed = assert.rejects(policy.execute(failing(99, 0)))
    await fake.advanceAsync(60_000)
    await failed
    assert.deepEqual(delaysMs, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  })

  it('shortens every wait by a random part of up to half', () => {
    const policy = new ExponentialBackoffRetry({ random: halves })
    assert.equal(policy.delayMs(0), 75)
    assert.equal(policy.delayMs(1), 150)
    assert.equal(policy.delayMs(50), 3750)
  })

  it('takes an operation that throws or answers without a promise', async () => {
    let calls = 0
    const clock = fakeClock()
    const running = new ExponentialBackoffRetry({ clock }).execute(() => {
      calls++
      if (calls === 1) throw new Error('at once')
      return 'plain'
    })
    await clock.advanceAsync(100)
    assert.equal(await running, 'plain')
  })

  it('stops waiting when the signal aborts, and does not try again', async () => {
    const operation = failing(9, 42)
    const controller = new AbortController()
    const clock = fakeClock()
    const running = new ExponentialBackoffRetry({ clock }).execute(operation, controller)
    const failed = assert.rejects(running, { code: 'ABORTED' })
    await clock.advanceAsync(10)
    controller.abort()
    await failed
    assert.equal(operation.calls, 1)
    assert.equal(clock.timers, 0)
  })

  it('refuses delays and numbers that make no sense', () => {
    const wrong = [
      { minDelayMs: -1 },
      { maxDelayMs: Number.NaN },
      { maxDelayMs: Infinity },
      { maxAttempts: 0 },
      { maxAttempts: Number.NaN },
    ]
    for (const options of wrong) {
      const [field] = Object.keys(options)
      assert.throws(
        () => new ExponentialBackoffRetry(options),
        (error: unknown) =>
          error instanceof InvalidArgumentError && error.details['field'] === field,
      )
    }
  })
})

describe('isRetryable', () => {
  const answer = (status: GrpcStatusName): GRPCError => new GRPCError({ status, details: '' })

  it('tells what another try is worth [client-C-0361]', () => {
    const worth: readonly (readonly [unknown, Retryability])[] = [
      [new ConnectionError(), 'immediate'],
      [new TransportError(new Error('reset')), 'immediate'],
      [answer('UNAVAILABLE'), 'immediate'],
      [answer('RESOURCE_EXHAUSTED'), 'backoff'],
      [answer('DEADLINE_EXCEEDED'), 'backoff'],
      [answer('FAILED_PRECONDITION'), 'afterRefresh'],
      [new CommandRejectedError('not now'), 'afterRefresh'],
      [codedError('SEQUENCE_MISMATCH'), 'afterRefresh'],
      [answer('INVALID_ARGUMENT'), 'no'],
      [new InvalidArgumentError('wrong'), 'no'],
      [CommandRejectedError.invalidArgument('A', 'a'), 'no'],
      [CommandRejectedError.notFound('A', 'a'), 'no'],
    ]
    for (const [error, expected] of worth) assert.equal(isRetryable(error), expected, String(error))
  })

  it('is no for what stops a component, what the caller gave up, and what nobody coded', () => {
    assert.equal(isRetryable(codedError('LEDGER_NEWER_VERSION')), 'no')
    assert.equal(isRetryable(codedError('ABORTED')), 'no')
    assert.equal(isRetryable(new TypeError('x is not a function')), 'no')
    assert.equal(isRetryable(undefined), 'no')
  })

  it('goes by the code where the code knows better than the status', () => {
    const endpoint = new ConnectionError('endpoint URI is invalid', {
      code: 'ENDPOINT_INVALID_URI',
    })
    assert.equal(isRetryable(endpoint), 'no')
    assert.equal(isRetryable(codedError('SEQUENCE_EXHAUSTED')), 'no')
    assert.equal(isRetryable(new CodedError('mine', { code: 'MY_OWN' })), 'backoff')
  })
})
