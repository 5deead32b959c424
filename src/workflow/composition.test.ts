import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { createTelemetry } from '../telemetry/telemetry.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { conditional, ConditionalPrimitive } from './conditional-primitive.ts'
import { executionMetrics } from './execution-metrics.ts'
import { fromFunction, observed } from './function-primitive.ts'
import { mockPrimitive } from './mock-primitive.ts'
import {
  driven,
  observedContext,
  silentContext,
  thrownBy,
} from './observed-context.test.support.ts'
import { pipe } from './pipe.ts'
import { sleep } from '../abort.ts'
import { WorkflowContext } from './workflow-context.ts'
import {
  InstrumentedPrimitive,
  parallel,
  ParallelPrimitive,
  sequential,
  SequentialPrimitive,
} from './workflow-primitive.ts'

const add = (n: number) => fromFunction((x: number) => x + n)
const isInvalid = (error: unknown): boolean => codeOf(error) === 'WORKFLOW_INVALID'
const names = (context: WorkflowContext): readonly string[] =>
  context.checkpoints.map(({ name }) => name)

describe('one after the other', () => {
  it('each runs once with what the one before returned [workflow-T18, workflow-T21]', async () => {
    const [a, b] = [
      mockPrimitive<number, number>({ returns: 2 }),
      mockPrimitive<number, number>({ returns: 3 }),
    ]
    const chain = a.pipe(b).pipe((n) => n * 10)
    assert.equal(await chain.execute(1, silentContext()), 30)
    a.assertCalledWith(1)
    b.assertCalledWith(2)
    a.assertCalledOnce()
    b.assertCalledOnce()
  })

  it('is flat on both sides, and makes new ones [workflow-T23]', async () => {
    const [a, b, c] = [add(1), add(2), add(3)]
    assert.equal(a.pipe(b).pipe(c).operations.length, 3)
    assert.equal(a.pipe(b.pipe(c)).operations.length, 3)
    let chain = sequential(add(1), add(1))
    for (let i = 0; i < 8; i++) chain = chain.pipe(add(1))
    assert.equal(chain.operations.length, 10)
    assert.equal(await chain.execute(0, silentContext()), 10)
    const double = (n: number): number => 2 * n
    assert.equal(await pipe(double, double, double, double, double).execute(1, silentContext()), 32)
  })

  it('an error is thrown as it is; what came before has ended, what comes after never began [workflow-T25]', async () => {
    const error = new Error('second')
    const { context } = observedContext()
    const third = mockPrimitive<unknown, unknown>()
    const chain = sequential(add(1), mockPrimitive<number, number>({ throws: error }), third)
    assert.equal(await thrownBy(chain.execute(1, context)), error)
    assert.ok(names(context).some((name) => name.endsWith('sequential.step_0.end')))
    assert.ok(names(context).some((name) => name.endsWith('sequential.step_1.start')))
    assert.ok(!names(context).some((name) => name.includes('sequential.step_2')))
    third.assertNotCalled()
  })

  it("steps see the ids of the caller and each other's state [workflow-T22, workflow-B-5]", async () => {
    const seen: unknown[] = []
    const context = silentContext({ workflowId: 'w', sessionId: 's' })
    await sequential(
      (n: number, within) => {
        within.state['n'] = n
        return n
      },
      (n, within) => void seen.push(within.workflowId, within.sessionId, within.state['n'], n),
    ).execute(5, context)
    assert.deepEqual(seen, ['w', 's', 5, 5])
    assert.deepEqual(context.state, { n: 5 })
  })

  it('refuses an empty list and what cannot be run', () => {
    assert.throws(() => new SequentialPrimitive([]), isInvalid)
    assert.throws(() => new SequentialPrimitive([3 as never]), isInvalid)
    assert.throws(() => new ParallelPrimitive([]), isInvalid)
    assert.throws(() => new ParallelPrimitive([{} as never]), isInvalid)
  })
})

describe('side by side', () => {
  it('each runs once with the same input, results are in order [workflow-T19]', async () => {
    const all = add(1)
      .and(add(2))
      .and((n: number) => `${n}`)
    const [one, two, text] = await all.execute(10, silentContext())
    assert.deepEqual([one, two, text], [11, 12, '10'])
    assert.equal(all.operations.length, 3)
  })

  it('a chain hands the list on [workflow-T20]', async () => {
    const chain = add(1)
      .pipe(
        parallel(
          (n: number) => n,
          (n: number) => -n,
        ),
      )
      .pipe(([plus, minus]) => plus - minus)
    assert.equal(await chain.execute(1, silentContext()), 4)
  })

  it('branches run at the same time [workflow-T24]', async () => {
    const { context, clock } = observedContext()
    const slow = async (n: number, within: WorkflowContext): Promise<number> => {
      await sleep(50, within.clock)
      return n
    }
    const running = parallel(slow, slow, slow).execute(1, context)
    await clock.advanceAsync(50)
    assert.deepEqual(await running, [1, 1, 1])
    assert.equal(context.elapsedMs(), 50)
  })

  it('the siblings of a failed branch are aborted and waited for [workflow-T26, workflow-B-6]', async () => {
    const { context } = observedContext()
    const error = new Error('first')
    const ended: string[] = []
    const heeding = async (_: number, within: WorkflowContext): Promise<void> => {
      await new Promise<void>((resolve) => {
        within.signal.addEventListener('abort', () => setImmediate(resolve))
      })
      ended.push('heeding')
    }
    const failing = async (): Promise<never> => {
      throw error
    }
    assert.equal(await thrownBy(parallel(heeding, failing).execute(1, context)), error)
    assert.deepEqual(ended, ['heeding'])
    const noted = names(context).filter((name) => name.includes('parallel'))
    assert.ok(noted.some((name) => name.endsWith('parallel.fan_out')))
    assert.ok(noted.some((name) => name.endsWith('parallel.branch_0.start')))
    assert.ok(noted.some((name) => name.endsWith('parallel.branch_1.end')))
    assert.ok(noted.some((name) => name.endsWith('parallel.fan_in')))
  })

  it('a branch that ignores its signal is left behind after a while', async () => {
    const { context, clock } = observedContext()
    const error = new Error('first')
    const all = new ParallelPrimitive(
      [
        () => new Promise<never>(() => undefined),
        (): number => {
          throw error
        },
      ],
      { abandonAfterMs: 2_000 },
    )
    assert.equal(await thrownBy(driven(clock, all.execute(1, context))), error)
    assert.equal(clock.timers, 0)
  })

  it('without failing fast the others end by themselves', async () => {
    const error = new Error('first')
    let isAborted: boolean | undefined
    const all = new ParallelPrimitive<number, [number, number]>(
      [
        () => {
          throw error
        },
        async (n, within) => {
          await Promise.resolve()
          isAborted = within.signal.aborted
          return n
        },
      ],
      { failFast: false },
    )
    assert.equal(await thrownBy(all.execute(1, silentContext())), error)
    assert.equal(isAborted, false)
  })

  it('in a compensating workflow the branches that completed are undone', async () => {
    const calls: string[] = []
    const branch = (name: string, fails = false) =>
      new CompensationPrimitive([
        [
          async (n: number) => {
            if (fails) throw new Error(name)
            return n
          },
          () => calls.push(`undo ${name}`),
        ],
      ])
    const workflow = new CompensationPrimitive([
      [(n: number) => n, () => calls.push('undo first')],
      [parallel(branch('a'), branch('b', true), branch('c'))],
    ])
    const error = await thrownBy(workflow.execute(1, silentContext()))
    assert.equal((error as Error).message, 'b')
    assert.deepEqual(calls.toSorted(), ['undo a', 'undo c', 'undo first'])
    assert.equal(calls.at(-1), 'undo first')
  })

  it('steps and branches have checkpoints, primitives have metrics, tracing on or off [workflow-T27]', async () => {
    const recorded = observedContext()
    const { metrics } = recorded.telemetry
    const untraced = createTelemetry({ metrics, log: 'none', tracer: 'none' })
    for (const telemetry of [recorded.telemetry, untraced]) {
      const { context } = observedContext({ telemetry })
      await parallel(add(1), add(2))
        .pipe(([a, b]) => a + b)
        .execute(1, context)
      const noted = names(context)
      for (const name of [
        'SequentialPrimitive.start',
        'sequential.step_0.end',
        'parallel.branch_1.end',
      ]) {
        assert.ok(
          noted.some((each) => each.endsWith(name)),
          name,
        )
      }
    }
    const { total } = executionMetrics(metrics)
    assert.equal(total.value({ primitive: 'ParallelPrimitive', outcome: 'completed' }), 2)
    assert.equal(total.value({ primitive: 'SequentialPrimitive', outcome: 'completed' }), 2)
  })
})

describe('a primitive of your own', () => {
  class Doubling extends InstrumentedPrimitive<number, number> {
    protected override run(n: number): number {
      if (n < 0) throw new RangeError('negative')
      return n * 2
    }
  }

  it('is called by its class; checkpoints and metrics also tell of errors [workflow-T36, workflow-T38]', async () => {
    const { context, telemetry } = observedContext()
    assert.equal(await new Doubling().execute(2, context), 4)
    await assert.rejects(new Doubling().execute(-1, context), RangeError)
    assert.deepEqual(names(context), [
      'primitive.Doubling.start',
      'primitive.Doubling.end',
      'primitive.Doubling.start',
      'primitive.Doubling.end',
    ])
    const { total } = executionMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'Doubling', outcome: 'failed' }), 1)
    assert.deepEqual(
      telemetry.spans.map(({ name, status, errors }) => [name, status, errors.length]),
      [
        ['primitive.Doubling', 'ok', 0],
        ['primitive.Doubling', 'error', 1],
      ],
    )
  })

  it('an observed operation runs whoever observes, and composes [workflow-T39, workflow-B-11]', async () => {
    const work = mockPrimitive<number, number>({ implementation: (n) => n + 1 })
    const context = new WorkflowContext()
    assert.equal(await observed(work, 'mine').pipe(add(1)).execute(1, context), 3)
    work.assertCalledOnce()
    assert.equal(observed(work, 'mine').name, 'mine')
    const error = new Error('as it is')
    const broken = observed(mockPrimitive({ throws: error }), 'broken')
    assert.equal(await thrownBy(broken.execute(1, context)), error)
  })
})

describe('one of two ways', () => {
  it('takes then, else, or passes the input through [workflow-T41, workflow-T42]', async () => {
    const seen: unknown[] = []
    const isBig = async (n: number, within: WorkflowContext): Promise<boolean> => {
      seen.push(n, within.correlationId)
      return n > 10
    }
    const both = conditional({ if: isBig, then: (n) => `big ${n}`, else: (n) => `small ${n}` })
    assert.equal(await both.execute(11, silentContext()), 'big 11')
    assert.equal(await both.execute(9, silentContext()), 'small 9')
    assert.deepEqual(seen, [11, 'test-1', 9, 'test-1'])
    const data = { deep: [1] }
    const one = new ConditionalPrimitive(
      (_data: typeof data) => false,
      () => 'never',
    )
    assert.equal(await one.execute(data, silentContext()), data)
  })

  it('errors of the condition and of a branch are thrown as they are, and are counted [workflow-T43, workflow-T44, workflow-B-16]', async () => {
    const error = new Error('as it is')
    const fail = (): never => {
      throw error
    }
    for (const broken of [
      new ConditionalPrimitive(fail, () => 1, undefined, 'c'),
      new ConditionalPrimitive(() => true, fail, undefined, 'c'),
      new ConditionalPrimitive(
        () => false,
        () => 1,
        fail,
        'c',
      ),
    ]) {
      const { context, telemetry } = observedContext()
      assert.equal(await thrownBy(broken.execute(1, context)), error)
      assert.ok(names(context).some((name) => name.endsWith('conditional.end')))
      const { total } = executionMetrics(telemetry.metrics)
      assert.equal(total.value({ primitive: 'c', outcome: 'failed' }), 1)
    }
  })

  it('with a compensation inside it unwinds with the rest, evaluated once', async () => {
    const calls: string[] = []
    const inner = new CompensationPrimitive([[(n: number) => n, () => calls.push('undo inner')]])
    const workflow = new CompensationPrimitive([
      [
        conditional({
          if: (n: number) => {
            calls.push('asked')
            return n > 0
          },
          then: inner,
          else: (n) => n,
        }),
      ],
      [
        () => {
          throw new Error('later')
        },
      ],
    ])
    await thrownBy(workflow.execute(1, silentContext()))
    assert.deepEqual(calls, ['asked', 'undo inner'])
    calls.length = 0
    await thrownBy(workflow.execute(-1, silentContext()))
    assert.deepEqual(calls, ['asked'])
  })
})
