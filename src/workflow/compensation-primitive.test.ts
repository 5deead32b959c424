import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { CompensationError } from './compensation-error.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { reportOf } from './compensation-report.ts'
import {
  driven,
  observedContext,
  silentContext,
  thrownBy,
} from './observed-context.test.support.ts'
import { RetryPrimitive } from './retry-primitive.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { WorkflowPrimitive } from './workflow-primitive.ts'
import { type Data, noting, start } from './noting-steps.test.support.ts'

describe('the error', () => {
  for (const error of [
    new RangeError('range'),
    new TypeError('type'),
    Object.freeze(new Error('frozen')),
    new (class KeyError extends Error {})('key'),
  ]) {
    it(`is the one the step threw: ${error.message} [workflow-T2, workflow-T8]`, async () => {
      const { calls, step, undo, failing } = noting()
      const workflow = new CompensationPrimitive([
        [step('1'), undo('1')],
        [failing('2', error), null],
      ])
      const keys = Reflect.ownKeys(error).length
      assert.equal(await thrownBy(workflow.execute(start, silentContext())), error)
      assert.deepEqual(calls, ['1', '2', 'undo 1'])
      assert.deepEqual(Object.keys(error), [])
      assert.ok(Reflect.ownKeys(error).length - keys <= 1)
      assert.equal(reportOf(error)?.failedStep, 'step_2')
    })
  }

  it('may be no error at all', async () => {
    for (const thrown of ['text', undefined, null, 7, Object.create(null) as unknown]) {
      const { calls, step, undo, failing } = noting()
      const workflow = new CompensationPrimitive([
        [step('1'), undo('1')],
        [failing('2', thrown), null],
      ])
      assert.equal(await thrownBy(workflow.execute(start, silentContext())), thrown)
      assert.deepEqual(calls, ['1', '2', 'undo 1'])
    }
  })

  it('of a failed undo is found in the report and never takes its place [workflow-B-3, workflow-T11]', async () => {
    const { step, failing } = noting()
    const error = new Error('step')
    const undoError = new RangeError('undo')
    const failures: unknown[] = []
    const workflow = new CompensationPrimitive(
      [
        { name: 'one', run: step('1'), compensate: failing('undo', undoError) },
        { run: failing('2', error) },
      ],
      { name: 'w', onCompensationFailure: (failure) => failures.push(failure) },
    )
    assert.equal(await thrownBy(workflow.execute(start, silentContext())), error)
    assert.equal(error.cause, undefined)
    assert.deepEqual(reportOf(error)?.undoErrors, [undoError])
    assert.deepEqual(failures, [
      { primitive: 'w', stepName: 'one', error: undoError, cause: error },
    ])
  })

  it('is an aggregate where that is asked for and an undo failed', async () => {
    const { step, failing, undo } = noting()
    const error = new Error('step')
    const undoError = new RangeError('undo')
    const broken = new CompensationPrimitive(
      [[step('1'), failing('undo', undoError)], [failing('2', error)]],
      { name: 'w', errorMode: 'aggregate' },
    )
    const thrown = await thrownBy(broken.execute(start, silentContext()))
    assert.ok(thrown instanceof CompensationError)
    assert.equal(thrown.cause, error)
    assert.deepEqual(thrown.errors, [undoError])
    assert.equal(reportOf(thrown)?.status, 'incomplete')
    const whole = new CompensationPrimitive([[step('1'), undo('1')], [failing('2', error)]], {
      errorMode: 'aggregate',
    })
    assert.equal(await thrownBy(whole.execute(start, silentContext())), error)
  })
})

describe('the two-argument form', () => {
  it('is a workflow primitive [workflow-T4, workflow-T14]', async () => {
    const { calls, step, undo } = noting()
    const workflow = new CompensationPrimitive(step('1'), undo('1'))
    assert.ok(workflow instanceof WorkflowPrimitive)
    assert.ok(workflow instanceof CompensationPrimitive)
    assert.deepEqual(await workflow.execute(start, silentContext()), { value: 42, done: ['1'] })
    assert.deepEqual(calls, ['1'])
  })

  it('returns what forward returns, whatever it is, and undoes nothing [workflow-T5, workflow-T7]', async () => {
    for (const output of [null, undefined, 7, 'text', [1, 2], { a: 1 }]) {
      let undone = 0
      const workflow = new CompensationPrimitive(
        () => output,
        () => undone++,
      )
      assert.equal(await workflow.execute('in', silentContext()), output)
      assert.equal(undone, 0)
    }
  })

  it('runs forward once with the input, in a child of the context [workflow-T6]', async () => {
    const seen: (readonly [unknown, WorkflowContext])[] = []
    const context = silentContext({ state: { shared: true } })
    const workflow = new CompensationPrimitive(
      (input: Data, within) => void seen.push([input, within]),
      () => undefined,
    )
    await workflow.execute(start, context)
    assert.equal(seen.length, 1)
    assert.equal(seen[0]?.[0], start)
    assert.equal(seen[0][1].correlationId, context.correlationId)
    assert.equal(seen[0][1].state, context.state)
  })

  it('undoes with the input when forward itself fails, and drops what the undo returns [workflow-T9, workflow-T10]', async () => {
    const undone: unknown[] = []
    const error = new Error('forward')
    const workflow = new CompensationPrimitive(
      (_data: Data): Data => {
        throw error
      },
      (input: Data) => {
        undone.push(input)
        return 'ignored'
      },
    )
    assert.equal(await thrownBy(workflow.execute(start, silentContext())), error)
    assert.deepEqual(undone, [start])
    assert.equal(undone[0], start)
    assert.equal(reportOf(error)?.status, 'compensated')
  })
})

describe('steps', () => {
  it('are plain functions, asynchronous or not, and primitives side by side [workflow-B-17]', async () => {
    const workflow = new CompensationPrimitive([
      [(n: number) => n + 1],
      [async (n) => n * 2],
      [new RetryPrimitive((n: number) => n - 3), null],
    ])
    assert.equal(await workflow.execute(4, silentContext()), 7)
  })

  it('an undo may be a primitive, and gets what its operation returned', async () => {
    const undone: unknown[] = []
    const undo = new RetryPrimitive((output: { id: string }) => void undone.push(output))
    const workflow = new CompensationPrimitive([
      [async () => ({ id: 'x' }), undo],
      [
        () => {
          throw new Error('2')
        },
      ],
    ])
    await thrownBy(workflow.execute(undefined, silentContext()))
    assert.deepEqual(undone, [{ id: 'x' }])
  })

  it('an undo is told everything there is to know', async () => {
    const error = new Error('later')
    let told: Record<string, unknown> | undefined
    const workflow = new CompensationPrimitive(
      [
        { name: 'first', run: (n: number) => n + 1 },
        {
          name: 'second',
          run: (n) => `id-${n}`,
          compensate: (output, context, info) => {
            const { input, initialInput, failedStep, reason, stepName, stepIndex } = info
            const { attempt, idempotencyKey, signal } = info
            told = { output, input, initialInput, failedStep, reason, stepName, stepIndex, attempt }
            assert.equal(info.error, error)
            assert.ok(idempotencyKey.endsWith('/second/undo'))
            assert.equal(signal.aborted, false)
            assert.equal(context.idempotencyKey, idempotencyKey)
          },
        },
        {
          name: 'third',
          run: () => {
            throw error
          },
        },
      ],
      { name: 'w' },
    )
    await thrownBy(workflow.execute(1, silentContext()))
    assert.deepEqual(told, {
      output: 'id-2',
      input: 2,
      initialInput: 1,
      failedStep: 'third',
      reason: 'third_failed',
      stepName: 'second',
      stepIndex: 2,
      attempt: 1,
    })
  })

  it('share state; keys are stable over attempts and differ between steps', async () => {
    const keys: (string | undefined)[] = []
    let attempts = 0
    const { context, clock } = observedContext()
    const workflow = new CompensationPrimitive([
      {
        name: 'a',
        retry: { maxRetries: 2 },
        run: (n: number, within) => {
          keys.push(within.idempotencyKey)
          within.state['seen'] = n
          if (++attempts < 2) throw new Error('again')
          return n
        },
      },
      { name: 'b', run: (n, within) => [within.idempotencyKey, within.state['seen'], n] },
    ])
    const result = await driven(clock, workflow.execute(5, context))
    assert.equal(keys.length, 2)
    assert.equal(keys[0], keys[1])
    assert.notEqual(result[0], keys[0])
    assert.deepEqual(result.slice(1), [5, 5])
  })

  it('one instance serves many runs at a time', async () => {
    const workflow = new CompensationPrimitive([
      [async (n: number) => n + 1],
      [
        async (n) => {
          if (n % 2 === 0) throw new Error(String(n))
          return n
        },
      ],
    ])
    const settled = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => workflow.execute(n, silentContext())),
    )
    assert.deepEqual(
      settled.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason))),
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? n + 1 : `Error: ${n + 1}`)),
    )
  })
})

describe('undos registered while an operation runs', () => {
  it('run before the undo of their step, the last one first', async () => {
    const { calls, undo, failing } = noting()
    const workflow = new CompensationPrimitive<Data, Data, Data>(
      [
        [
          async (data, context) => {
            await context.addCompensation(() => calls.push('closure'))
            await context.addCompensation('release', { id: 7 })
            return data
          },
          undo('1'),
        ],
        [failing('2', new Error('2'))],
      ],
      { undos: { release: (data) => calls.push(`release ${JSON.stringify(data)}`) } },
    )
    await thrownBy(workflow.execute(start, silentContext()))
    assert.deepEqual(calls, ['2', 'release {"id":7}', 'closure', 'undo 1'])
  })

  it('run also when their own operation fails', async () => {
    const { calls } = noting()
    const workflow = new CompensationPrimitive([
      [
        async (data: Data, context): Promise<Data> => {
          await context.addCompensation(() => calls.push('half'))
          throw new Error(String(data.value))
        },
        null,
      ],
    ])
    await thrownBy(workflow.execute(start, silentContext()))
    assert.deepEqual(calls, ['half'])
  })

  it('belong into a running operation, by a name that is known', async () => {
    let kept: WorkflowContext | undefined
    const workflow = new CompensationPrimitive([
      [(n: number, context) => ((kept = context), n)],
      [async (n, context) => (await context.addCompensation('nobody', 1), n)],
    ])
    const error = await thrownBy(workflow.execute(1, silentContext()))
    assert.equal(codeOf(error), 'COMPENSATION_UNAVAILABLE')
    const late = await thrownBy(kept?.addCompensation(() => undefined) ?? Promise.resolve())
    assert.equal(codeOf(late), 'COMPENSATION_UNAVAILABLE')
    const outside = await thrownBy(silentContext().addCompensation(() => undefined))
    assert.equal(codeOf(outside), 'COMPENSATION_UNAVAILABLE')
  })
})

describe('a completed workflow', () => {
  it('can be undone later, the last step first, and once', async () => {
    const { calls, step, undo } = noting()
    const workflow = new CompensationPrimitive([
      [step('1'), undo('1')],
      [step('2'), undo('2')],
    ])
    const run = await workflow.executeWithReport(start, silentContext())
    assert.equal(run.status, 'completed')
    assert.equal(run.report.status, 'completed')
    const report = await run.compensate()
    await run.compensate()
    assert.deepEqual(calls, ['1', '2', 'undo 2', 'undo 1'])
    assert.equal(report.status, 'compensated')
    assert.equal(report.reason, 'compensation_requested')
    assert.deepEqual(report.undone, ['step_2', 'step_1'])
  })

  it('a failed one is told with its error and report', async () => {
    const { step, undo, failing } = noting()
    const error = new Error('2')
    const workflow = new CompensationPrimitive([[step('1'), undo('1')], [failing('2', error)]])
    const run = await workflow.executeWithReport(start, silentContext())
    assert.equal(run.status, 'failed')
    assert.equal(run.error, error)
    assert.equal(run.report.status, 'compensated')
  })
})

describe('the point of no return', () => {
  it('once it is passed nothing is undone, and what follows is tried again', async () => {
    const { context, clock } = observedContext()
    const { calls, step, undo } = noting()
    let attempts = 0
    const workflow = new CompensationPrimitive([
      [step('1'), undo('1')],
      { name: 'pivot', run: step('pivot'), mode: 'pivot' },
      {
        name: 'after',
        mode: 'retriable',
        run: (data) => {
          if (++attempts < 3) throw new Error('again')
          return data
        },
      },
    ])
    await driven(clock, workflow.execute(start, context))
    assert.deepEqual(calls, ['1', 'pivot'])
    assert.equal(attempts, 3)
    const run = await workflow.executeWithReport(start, context)
    assert.equal(run.status, 'completed')
    assert.equal(codeOf(await thrownBy(run.compensate())), 'COMPENSATION_UNAVAILABLE')
  })
})
