/** Switch, router, cache, and the test helpers. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { type CacheBackend, type Cached, InMemoryBackend } from './cache-backend.ts'
import { cache, CachePrimitive } from './cache-primitive.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { executionMetrics } from './execution-metrics.ts'
import { mockPrimitive } from './mock-primitive.ts'
import { observedContext, silentContext, thrownBy } from './observed-context.test.support.ts'
import { route, RouterPrimitive } from './router-primitive.ts'
import { switchOn } from './switch-primitive.ts'
import { workflowTest } from './workflow-test-case.ts'

const isInvalid = (error: unknown): boolean => codeOf(error) === 'WORKFLOW_INVALID'

describe('switch', () => {
  it('runs the matching case, the default, or nothing [workflow-T45]', async () => {
    const cases = { a: () => 'case a', b: () => 'case b' }
    const select = (key: string): string => key
    const withDefault = switchOn({ select, cases, default: () => 'default' })
    assert.equal(await withDefault.execute('a', silentContext()), 'case a')
    assert.equal(await withDefault.execute('toString', silentContext()), 'default')
    assert.equal(await switchOn({ select, cases }).execute('x', silentContext()), 'x')
    assert.equal(await switchOn({ select, cases: {} }).execute('x', silentContext()), 'x')
    const error = new Error('as it is')
    const fail = (): never => {
      throw error
    }
    assert.equal(await thrownBy(switchOn({ select: fail, cases }).execute('a')), error)
    assert.equal(await thrownBy(switchOn({ select, cases: { a: fail } }).execute('a')), error)
  })

  it('a failing case is counted and its end is noted [workflow-B-16]', async () => {
    const { context, telemetry } = observedContext()
    const failing = switchOn({
      select: () => 'a',
      cases: {
        a: () => {
          throw new Error('a')
        },
      },
      name: 's',
    })
    await thrownBy(failing.execute(1, context))
    const { total } = executionMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 's', outcome: 'failed' }), 1)
    assert.ok(context.checkpoints.some(({ name }) => name.endsWith('switch.end')))
  })
})

describe('router', () => {
  it('goes where the function says, notes it, and knows no other way [workflow-T46]', async () => {
    const routes = { fast: (_data: number) => 'f', cheap: (_data: number) => 'c' }
    const byTag = route({
      routes,
      select: (_: number, { metadata }) => metadata['tier'] as 'fast',
      defaultRoute: 'cheap',
    })
    const context = silentContext({ metadata: { tier: 'fast' } })
    assert.equal(await byTag.execute(1, context), 'f')
    context.metadata['tier'] = 'nowhere'
    assert.equal(await byTag.execute(1, context), 'c')
    assert.deepEqual(context.state['routing_history'], [
      { route: 'fast', usedDefault: false, atMs: 0 },
      { route: 'cheap', usedDefault: true, atMs: 0 },
    ])
    const strict = new RouterPrimitive({ routes, select: (_data: number) => 'toString' as 'fast' })
    const error = await thrownBy(strict.execute(1, silentContext()))
    assert.equal(codeOf(error), 'ROUTE_UNKNOWN')
    assert.throws(
      () => route({ routes, select: () => 'fast', defaultRoute: 'x' as 'fast' }),
      isInvalid,
    )
    assert.throws(() => route({ routes: {}, select: () => 'x' as never }), isInvalid)
  })
})

describe('cache', () => {
  it('runs once per key while the value is good, null included; errors are not kept [workflow-T79, workflow-B-10]', async () => {
    const clock = fakeClock()
    const operation = mockPrimitive<string, string | null>({
      implementation: (key) => {
        if (key === 'broken') throw new Error('broken')
        return key === 'null' ? null : `of ${key}`
      },
    })
    const cached = cache(operation, {
      key: (key, { workflowId }) => `${workflowId}:${key}`,
      ttlMs: 1_000,
      clock,
    })
    const context = silentContext({ workflowId: 'w' })
    assert.deepEqual(cached.stats(), { size: 0, hits: 0, misses: 0, expirations: 0, hitRate: 0 })
    for (const key of ['a', 'a', 'b', 'null', 'null', 'null']) await cached.execute(key, context)
    operation.assertCallCount(3)
    assert.equal(cached.stats().hitRate, 50)
    assert.deepEqual(context.state, { cache_hits: 3, cache_misses: 3 })
    await thrownBy(cached.execute('broken', context))
    await thrownBy(cached.execute('broken', context))
    operation.assertCallCount(5)
    clock.advance(1_000)
    await cached.execute('a', context)
    operation.assertCallCount(6)
    assert.deepEqual(cached.stats(), {
      size: 3,
      hits: 3,
      misses: 6,
      expirations: 1,
      hitRate: 33.33,
    })
    assert.equal(cached.evictExpired(), 2)
    cached.clear()
    assert.equal(cached.stats().size, 0)
  })

  it('calls with one key share one run, and the number of values is bounded [workflow-B-10]', async () => {
    let runs = 0
    const slow = async (key: string): Promise<string> => {
      runs++
      await Promise.resolve()
      return key
    }
    const cached = new CachePrimitive(slow, { key: (key) => key, maxEntries: 2 })
    const context = silentContext()
    await Promise.all(['a', 'a', 'a'].map((key) => cached.execute(key, context)))
    assert.equal(runs, 1)
    for (const key of ['b', 'a', 'c']) await cached.execute(key, context)
    assert.equal(cached.stats().size, 2)
    await cached.execute('a', context)
    assert.equal(runs, 3)
    await cached.execute('b', context)
    assert.equal(runs, 4)
  })

  it('takes a backend of another kind', async () => {
    const stored = new Map<string, Cached<number>>()
    const backend: CacheBackend<number> = {
      get: async (key) => stored.get(key),
      set: async (key, value) => void stored.set(key, value),
      delete: async (key) => void stored.delete(key),
    }
    const cached = new CachePrimitive((n: number) => n * 2, { key: String, backend })
    assert.equal(await cached.execute(2, silentContext()), 4)
    assert.equal(await cached.execute(2, silentContext()), 4)
    assert.equal(cached.stats().size, -1)
    assert.equal(cached.evictExpired(), 0)
    cached.clear()
    assert.equal(stored.size, 1)
    const own = new InMemoryBackend<number>()
    await own.set('a', { value: 1 }, 10)
    await own.delete('a')
    assert.equal(await own.get('a'), undefined)
  })
})

describe('the test helpers', () => {
  it('a mock notes its calls and does what it is told [workflow-T81]', async () => {
    const mock = mockPrimitive<number, number>({ returns: 7 })
    mock.assertNotCalled()
    assert.throws(() => mock.assertCalled())
    assert.throws(() => mock.lastInput)
    const context = silentContext()
    assert.equal(await mock.execute(1, context), 7)
    mock.assertCalledWith(1, context)
    assert.throws(() => mock.assertCalledWith(2))
    assert.equal(mock.lastContext, context)
    mock.reset()
    mock.assertNotCalled()
    const error = new Error('first')
    const all = mockPrimitive({ throws: error, implementation: () => 1, returns: 2 })
    assert.equal(await thrownBy(all.execute(1)), error)
    assert.equal(await mockPrimitive({ implementation: () => 1, returns: 2 }).execute(0), 1)
  })

  it('a workflow under test is run with its mocks [workflow-T81]', async () => {
    const undo = mockPrimitive<number, void>()
    const error = new Error('second')
    const failing = mockPrimitive<number, number>({ throws: error })
    const test = workflowTest(new CompensationPrimitive([[(n: number) => n, undo], [failing]]))
    test.mocks.push(undo, failing)
    const failed = await test.executeFailing(3, silentContext())
    assert.equal(failed.error, error)
    assert.equal(failed.report?.status, 'compensated')
    test.assertPrimitiveCalled(undo, 1)
    undo.assertCalledWith(3)
    test.resetMocks()
    undo.assertNotCalled()
  })
})
