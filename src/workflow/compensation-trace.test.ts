import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { reportOf } from './compensation-report.ts'
import {
  driven,
  observedContext,
  silentContext,
  thrownBy,
} from './observed-context.test.support.ts'
import { RetryPrimitive } from './retry-primitive.ts'
import { TimeoutPrimitive } from './timeout-primitive.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { WorkflowTimeoutError } from './workflow-timeout-error.ts'
import type { Operation } from './primitive.ts'
import { type Data, noting, start } from './noting-steps.test.support.ts'

describe('the trace table', () => {
  it('three steps run and the output of the third is returned [workflow-row-1, workflow-T1]', async () => {
    const { calls, step, undo } = noting()
    const workflow = new CompensationPrimitive([
      [step('1'), undo('1')],
      [step('2'), undo('2')],
      [step('3'), undo('3')],
    ])
    const result = await workflow.execute(start, silentContext())
    assert.deepEqual(result, { value: 42, done: ['1', '2', '3'] })
    assert.deepEqual(calls, ['1', '2', '3'])
  })

  it('when the first step fails nothing is undone [workflow-row-2]', async () => {
    const { calls, step, undo, failing } = noting()
    const error = new Error('first')
    const workflow = new CompensationPrimitive([
      [failing('1', error), undo('1')],
      [step('2'), undo('2')],
    ])
    assert.equal(await thrownBy(workflow.execute(start, silentContext())), error)
    assert.deepEqual(calls, ['1'])
  })

  it('when the third step fails the second and the first are undone, in this order [workflow-row-3]', async () => {
    const { calls, step, undo, failing } = noting()
    const error = new Error('third')
    const workflow = new CompensationPrimitive([
      [step('1'), undo('1')],
      [step('2'), undo('2')],
      [failing('3', error), undo('3')],
    ])
    assert.equal(await thrownBy(workflow.execute(start, silentContext())), error)
    assert.deepEqual(calls, ['1', '2', '3', 'undo 2', 'undo 1'])
  })

  it('a step without an undo is passed over [workflow-row-4]', async () => {
    const { calls, step, undo, failing } = noting()
    const error = new Error('third')
    const workflow = new CompensationPrimitive([
      [step('1'), undo('1')],
      [step('2'), null],
      [failing('3', error), null],
    ])
    assert.equal(await thrownBy(workflow.execute(start, silentContext())), error)
    assert.deepEqual(calls, ['1', '2', '3', 'undo 1'])
    const [, second] = reportOf(error)?.steps ?? []
    assert.equal(second?.undo, 'no-compensation')
  })

  for (const continues of [true, false]) {
    const title = continues
      ? 'a failing undo lets the earlier ones run, and is counted [workflow-row-5]'
      : 'a failing undo stops the rollback when asked to, the rest is skipped [workflow-row-6]'
    it(title, async () => {
      const { context, telemetry } = observedContext()
      const { calls, step, undo, failing } = noting()
      const error = new Error('third')
      const undoError = new Error('undo 2 is broken')
      const workflow = new CompensationPrimitive(
        [
          { name: 'one', run: step('1'), compensate: undo('1') },
          { name: 'two', run: step('2'), compensate: failing('undo 2', undoError) },
          { name: 'three', run: failing('3', error) },
        ],
        { name: 'w', continueOnCompensationFailure: continues },
      )
      assert.equal(await thrownBy(workflow.execute(start, context)), error)
      assert.deepEqual(calls, ['1', '2', '3', 'undo 2', ...(continues ? ['undo 1'] : [])])
      const failures = telemetry.metrics.counter({
        name: 'compensation_failures_total',
        help: '',
        labels: ['primitive'],
      })
      assert.equal(failures.value({ primitive: 'w' }), 1)
      const report = reportOf(error)
      assert.deepEqual(
        report?.steps.map((each) => each.undo),
        [continues ? 'done' : 'skipped', 'failed', 'not-needed'],
      )
      assert.deepEqual(report.undoErrors, [undoError])
      const skipped = telemetry.events.filter(({ event }) => event === 'compensation_skipped')
      assert.deepEqual(
        skipped.map((event) => event['step']),
        continues ? [] : ['one'],
      )
      assert.equal(report.status, 'incomplete')
    })
  }

  it('a retried step that succeeds at last is one step, undone once [workflow-row-7]', async () => {
    const { context, clock } = observedContext()
    const { calls, undo, failing } = noting()
    let attempts = 0
    const error = new Error('second')
    const flaky = async (data: Data): Promise<Data> => {
      attempts++
      if (attempts < 3) throw new Error('not yet')
      return data
    }
    const workflow = new CompensationPrimitive([
      [new RetryPrimitive(flaky, { maxRetries: 3 }), undo('1')],
      [failing('2', error), null],
    ])
    assert.equal(await thrownBy(driven(clock, workflow.execute(start, context))), error)
    assert.equal(attempts, 3)
    assert.deepEqual(calls, ['2', 'undo 1'])
  })

  it('a step whose time is up fails, those before it are undone, and it may have happened [workflow-row-8]', async () => {
    const { context, clock } = observedContext()
    const { calls, step, undo } = noting()
    const never = (_data: Data): Promise<Data> => new Promise(() => undefined)
    const workflow = new CompensationPrimitive([
      [step('1'), undo('1')],
      [new TimeoutPrimitive(never, { timeoutMs: 10_000 }), undo('2')],
    ])
    const error = await thrownBy(driven(clock, workflow.execute(start, context)))
    assert.ok(error instanceof WorkflowTimeoutError)
    assert.deepEqual(calls, ['1', 'undo 1'])
    const report = reportOf(error)
    assert.equal(report?.steps[1]?.forward, 'unknown')
    assert.equal(report.status, 'incomplete')
    assert.equal(clock.timers, 0)
  })

  it('a workflow inside rolls itself back first, then the outer one [workflow-row-9, workflow-B-2]', async () => {
    const { calls, step, undo, failing } = noting()
    const error = new Error('inner')
    const inner = new CompensationPrimitive([
      [step('a'), undo('a')],
      [failing('b', error), undo('b')],
    ])
    const outer = new CompensationPrimitive([
      [step('1'), undo('1')],
      [inner, null],
      [step('3'), undo('3')],
    ])
    assert.equal(await thrownBy(outer.execute(start, silentContext())), error)
    assert.deepEqual(calls, ['1', 'a', 'b', 'undo a', 'undo 1'])
  })
})

describe('chained workflows', () => {
  const chained = async (
    chain: (
      one: ReturnType<typeof made>,
      other: ReturnType<typeof made>,
    ) => {
      execute(data: Data, context: WorkflowContext): Promise<unknown>
    },
  ): Promise<readonly string[]> => {
    const { calls, step, undo, failing } = noting()
    const one = made([step('a'), undo('a')], [step('b'), undo('b')])
    const other = made([step('c'), undo('c')], [failing('d', new Error('d')), null])
    await thrownBy(chain(one, other).execute(start, silentContext()))
    return calls
  }
  const made = (
    ...steps: readonly (readonly [
      (data: Data) => Promise<Data>,
      ((data: Data) => unknown) | null,
    ])[]
  ): CompensationPrimitiveOfData => CompensationPrimitive.fromSteps<Data, Data>(steps)
  type CompensationPrimitiveOfData = ReturnType<typeof CompensationPrimitive.fromSteps<Data, Data>>

  it('unwind together, whatever holds them together [workflow-B-2]', async () => {
    const whole = ['a', 'b', 'c', 'd', 'undo c', 'undo b', 'undo a']
    assert.deepEqual(await chained((one, other) => one.pipe(other)), whole)
    assert.deepEqual(
      await chained((one, other) => new CompensationPrimitive([[one], [other]])),
      whole,
    )
  })

  it('a completed workflow that a retry hides is undone with the outer one [workflow-B-2]', async () => {
    const whole = ['a', 'b', 'c', 'd', 'undo c', 'undo b', 'undo a']
    const hidden = (one: Operation<Data, Data>) => new RetryPrimitive(one, { maxRetries: 0 })
    assert.deepEqual(await chained((one, other) => hidden(one).pipe(hidden(other))), whole)
    assert.deepEqual(
      await chained(
        (one, other) => new CompensationPrimitive([[new RetryPrimitive(one)], [other]]),
      ),
      ['a', 'b', 'c', 'd', 'undo c', 'undo b', 'undo a'],
    )
  })

  it('an undo written for the whole takes the place of the undos inside', async () => {
    const { calls, step, undo, failing } = noting()
    const inner = made([step('a'), undo('a')])
    const outer = new CompensationPrimitive([
      [inner, undo('inner')],
      [failing('2', new Error('2')), null],
    ])
    await thrownBy(outer.execute(start, silentContext()))
    assert.deepEqual(calls, ['a', '2', 'undo inner'])
  })
})
