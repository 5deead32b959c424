import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CodedError, codedError } from '../../errors.ts'
import type { AttemptInfo } from '../bindings.ts'
import type { Told } from '../input.ts'
import { definition, step } from '../machine.test.support.ts'
import { perform } from './perform.ts'
import { StopSignal } from './stop-signal.ts'
import { world, operation, run, short } from './perform.test.support.ts'

describe('an operation', () => {
  test('that answers at once is answered at once', () => {
    const told = perform(run, world(operation((value) => `${String(value)}!`)))
    assert.deepEqual(told, { kind: 'succeeded', path: 'a', attempt: 1, value: 'in!' })
  })

  test('that answers later is waited for', async () => {
    assert.equal(await short(perform(run, world(operation(async () => 1)))), 'succeeded')
  })

  test('is told who it is, and its key is the same for every attempt', () => {
    const infos: AttemptInfo[] = []
    const at = world(operation((_, info) => infos.push(info)))
    void perform(run, at)
    void perform({ ...run, attempt: 2, isAgain: true }, at)
    assert.deepEqual(
      infos.map(({ executionId, path, attempt, idempotencyKey, isAgain }) => [
        executionId,
        path,
        attempt,
        idempotencyKey,
        isAgain,
      ]),
      [
        ['order-42', 'a', 1, 'order-42/a', false],
        ['order-42', 'a', 2, 'order-42/a', true],
      ],
    )
  })

  test('that returns an error refuses, where values are contexts', async () => {
    const at = world(
      operation(() => new TypeError('no')),
      {
        of: definition([step('a')], { values: 'context' }),
      },
    )
    assert.equal(await short(perform(run, at)), 'failed refused TypeError')
  })

  test('that returns an error leaves it, where values are outputs', async () => {
    assert.equal(await short(perform(run, world(operation(() => new Error('data'))))), 'succeeded')
  })

  test('that throws keeps the very error it threw', async () => {
    const error = new Error('no carrier')
    const told = await perform(
      run,
      world(
        operation(() => {
          throw error
        }),
      ),
    )
    assert.ok(told.kind === 'failed')
    assert.equal(told.failure.error, error)
    assert.equal(told.failure.outcome, 'failed')
  })

  test('that repeats one that may have happened cannot say that nothing happened', async () => {
    const at = world(operation(() => Promise.reject(new Error('no'))))
    assert.equal(await short(perform({ ...run, isAgain: true }, at)), 'failed unknown Error')
  })

  test('registers undos that the definition has', async () => {
    const seen: unknown[] = []
    const at = world(
      operation(async (_, info) => {
        await info.addCompensation('release', { id: 1 })
        await info.addCompensation('nothing', 0).catch((error: unknown) => seen.push(error))
      }),
      { undos: { release: () => undefined } },
    )
    assert.equal(await short(perform(run, at)), 'succeeded')
    assert.deepEqual(at.added, [['a', 'release', { id: 1 }]])
    assert.ok(seen[0] instanceof CodedError && seen[0].code === 'UNDO_UNKNOWN')
  })

  test('without a binding fails', async () => {
    const at = world({ kind: 'choice', conditions: [] })
    assert.equal(await short(perform(run, at)), 'failed failed BINDING_MISSING')
  })
})

describe('whatever an author throws or returns', () => {
  const nasty = {
    get then(): never {
      throw new Error('getter')
    },
  }
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ['a text', () => Promise.reject('no'), 'failed failed ERROR'],
    ['nothing', () => Promise.reject(), 'failed failed ERROR'],
    [
      'a record without a prototype',
      () => Promise.reject(Object.create(null)),
      'failed failed ERROR',
    ],
    ['a getter that throws', () => nasty, 'failed failed Error'],
    ['a promise of such a getter', async () => nasty, 'failed failed Error'],
    [
      'a thenable that answers twice',
      () => ({
        then: (ok: (value: unknown) => void, bad: (error: unknown) => void) => {
          ok(1)
          bad(new Error('twice'))
        },
      }),
      'succeeded',
    ],
    [
      'an error whose fields throw',
      () =>
        Promise.reject(
          Object.defineProperty(new Error('x'), 'code', {
            get: () => {
              throw new Error('code')
            },
          }),
        ),
      'failed failed Error',
    ],
  ]
  for (const [what, call, expected] of cases) {
    test(`${what} ends as an outcome`, async () => {
      assert.equal(await short(perform(run, world(operation(call)))), expected)
    })
  }
})

describe('the time of an attempt', () => {
  const timed = definition([step('a', { attemptTimeoutMs: 100, abandonAfterMs: 50 })])

  test('ends in an abort; what heeds it has an unknown outcome', async () => {
    const at = world(
      operation(
        (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error))
          }),
      ),
      { of: timed },
    )
    const told = perform(run, at)
    at.clock.advance(100)
    assert.equal(await short(told), 'failed unknown ATTEMPT_TIMED_OUT')
    assert.equal(at.clock.timers, 0)
  })

  test('what does not heed it is given up, and its end is told by itself', async () => {
    const late: Told[] = []
    const gate = Promise.withResolvers<string>()
    const at = world(
      operation(() => gate.promise),
      { of: timed, onLate: (it) => late.push(it) },
    )
    const told = perform(run, at)
    at.clock.advance(100)
    at.clock.advance(50)
    assert.equal(await short(told), 'failed unknown ATTEMPT_ABANDONED')
    gate.resolve('A')
    await gate.promise
    await Promise.resolve()
    await Promise.resolve()
    assert.deepEqual(late, [{ kind: 'succeeded', path: 'a', attempt: 1, value: 'A' }])
    assert.equal(at.clock.timers, 0)
  })

  test('leaves no timer behind when the attempt ends in time', async () => {
    const at = world(
      operation(async () => 1),
      { of: timed },
    )
    await perform(run, at)
    assert.equal(at.clock.timers, 0)
  })

  test('what is stopped by the runner and succeeds all the same has succeeded', async () => {
    const stop = new StopSignal()
    const gate = Promise.withResolvers<string>()
    const at = world(
      operation(() => gate.promise),
      { of: timed, stop },
    )
    const told = perform(run, at)
    stop.stop(codedError('EXECUTION_CANCELLED'))
    gate.resolve('A')
    assert.equal(await short(told), 'succeeded')
    assert.equal(at.clock.timers, 0)
  })

  test('what is stopped by the runner and throws may have happened', async () => {
    const stop = new StopSignal()
    const gate = Promise.withResolvers<string>()
    const at = world(
      operation(() => gate.promise),
      { stop },
    )
    const told = perform(run, at)
    stop.stop(codedError('EXECUTION_CANCELLED'))
    gate.reject(new Error('gave up'))
    assert.equal(await short(told), 'failed unknown Error')
  })
})
