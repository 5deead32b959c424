import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { CircuitBreakerPrimitive, CircuitOpenError } from './circuit-breaker-primitive.ts'
import { classifyError, isTransient } from './classify-error.ts'
import { mockPrimitive } from './mock-primitive.ts'
import { observedContext, silentContext, thrownBy } from './observed-context.test.support.ts'

const isInvalid = (error: unknown): boolean => codeOf(error) === 'WORKFLOW_INVALID'

describe('circuit breaker', () => {
  const error = new Error('down')
  const breakerOf = (
    behaviour: { fails: boolean },
    options: ConstructorParameters<typeof CircuitBreakerPrimitive>[1] = {},
  ) => {
    const operation = mockPrimitive<number, number>({
      implementation: (n) => {
        if (behaviour.fails) throw error
        return n
      },
    })
    return { operation, breaker: new CircuitBreakerPrimitive(operation, options) }
  }

  it('is closed at first; its settings are checked [workflow-T67, workflow-T69]', () => {
    const { breaker } = breakerOf({ fails: false })
    assert.deepEqual([breaker.state, breaker.failureCount, breaker.successCount], ['closed', 0, 0])
    for (const bad of [
      { failureThreshold: 0 },
      { failureThreshold: -1 },
      { recoveryTimeoutMs: 0 },
      { successThreshold: 0 },
      { halfOpenMaxConcurrent: 0 },
    ]) {
      assert.throws(() => breakerOf({ fails: false }, bad), isInvalid)
    }
  })

  it('opens after five failures in a row, a success begins anew [workflow-T70, workflow-T71]', async () => {
    const behaviour = { fails: true }
    const { breaker } = breakerOf(behaviour)
    const context = silentContext()
    for (let i = 0; i < 4; i++) assert.equal(await thrownBy(breaker.execute(1, context)), error)
    behaviour.fails = false
    await breaker.execute(1, context)
    assert.equal(breaker.failureCount, 0)
    behaviour.fails = true
    for (let i = 0; i < 4; i++) await thrownBy(breaker.execute(1, context))
    assert.equal(breaker.state, 'closed')
    assert.equal(await thrownBy(breaker.execute(1, context)), error)
    assert.equal(breaker.state, 'open')
  })

  it('while it is open nothing is called; the error tells why [workflow-T68, workflow-T72]', async () => {
    const { breaker, operation } = breakerOf({ fails: true }, { failureThreshold: 1 })
    const context = silentContext()
    await thrownBy(breaker.execute(1, context))
    for (let i = 0; i < 3; i++) {
      const refused = await thrownBy(breaker.execute(1, context))
      assert.ok(refused instanceof CircuitOpenError)
      assert.equal(refused.code, 'CIRCUIT_OPEN')
      assert.equal(refused.failureCount, 1)
      assert.equal(refused.lastError, error)
    }
    operation.assertCalledOnce()
  })

  it('lets a call through when its time has come, and closes after two successes [workflow-T73, workflow-T74]', async () => {
    const behaviour = { fails: true }
    const { breaker, operation } = breakerOf(behaviour, { failureThreshold: 1 })
    const { context, clock } = observedContext()
    await thrownBy(breaker.execute(1, context))
    behaviour.fails = false
    clock.advance(59_999)
    assert.equal(codeOf(await thrownBy(breaker.execute(1, context))), 'CIRCUIT_OPEN')
    clock.advance(1)
    await breaker.execute(1, context)
    assert.deepEqual([breaker.state, breaker.successCount], ['half_open', 1])
    await breaker.execute(1, context)
    assert.deepEqual([breaker.state, breaker.failureCount, breaker.successCount], ['closed', 0, 0])
    operation.assertCallCount(3)
  })

  it('a failure while half open opens it again; reset closes it [workflow-T75, workflow-B-9]', async () => {
    const { breaker } = breakerOf({ fails: true }, { failureThreshold: 1 })
    const { context, clock } = observedContext()
    await thrownBy(breaker.execute(1, context))
    clock.advance(60_000)
    assert.equal(await thrownBy(breaker.execute(1, context)), error)
    assert.deepEqual([breaker.state, breaker.failureCount, breaker.successCount], ['open', 2, 0])
    breaker.reset()
    assert.deepEqual([breaker.state, breaker.failureCount], ['closed', 0])
  })

  it('one probe at a time while half open [workflow-B-9]', async () => {
    const behaviour = { fails: true }
    const gate = Promise.withResolvers<void>()
    const breaker = new CircuitBreakerPrimitive(
      async (n: number) => {
        if (behaviour.fails) throw error
        await gate.promise
        return n
      },
      { failureThreshold: 1 },
    )
    const { context, clock } = observedContext()
    await thrownBy(breaker.execute(1, context))
    behaviour.fails = false
    clock.advance(60_000)
    const probe = breaker.execute(1, context)
    assert.equal(codeOf(await thrownBy(breaker.execute(2, context))), 'CIRCUIT_OPEN')
    gate.resolve()
    assert.equal(await probe, 1)
  })

  it('errors that are no failures pass uncounted [workflow-T77]', async () => {
    const { breaker } = breakerOf(
      { fails: true },
      { failureThreshold: 1, isFailure: (each) => each instanceof TypeError },
    )
    for (let i = 0; i < 3; i++) await thrownBy(breaker.execute(1, silentContext()))
    assert.deepEqual([breaker.state, breaker.failureCount], ['closed', 0])
  })

  it('errors are sorted by their words, ours by their code', () => {
    const kinds = [
      [new Error('connection refused'), 'network', true],
      [new Error('429 from upstream'), 'rate_limit', true],
      [new Error('no space left'), 'resource', false],
      [new Error('503'), 'transient', true],
      [new Error('bad input'), 'permanent', false],
      [new CircuitOpenError(1, undefined), 'transient', true],
    ] as const
    for (const [each, category, again] of kinds) {
      assert.equal(classifyError(each).category, category)
      assert.equal(isTransient(each), again)
    }
  })
})
