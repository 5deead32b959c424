import { strict as assert } from 'node:assert'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { sleep } from '../abort.ts'
import { codeOf } from '../errors.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { reportOf } from './compensation-report.ts'
import { driven, observedContext, thrownBy } from './observed-context.test.support.ts'
import { RetryPrimitive } from './retry-primitive.ts'
import { TimeoutPrimitive } from './timeout-primitive.ts'

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('stop', 'AbortError')))
  })

describe('cancellation', () => {
  it('stops the running step, starts no other, and undoes what happened [workflow-B-1]', async () => {
    const calls: string[] = []
    const controller = new AbortController()
    const { context } = observedContext({ signal: controller.signal })
    const workflow = new CompensationPrimitive([
      [
        (n: number) => n,
        async (_, within) => {
          calls.push(`undo, aborted: ${within.signal.aborted}`)
        },
      ],
      [
        async (_, within): Promise<number> => {
          setImmediate(() => controller.abort(new Error('enough')))
          return await untilAborted(within.signal)
        },
        () => calls.push('never'),
      ],
      [() => calls.push('third')],
    ])
    const error = await thrownBy(workflow.execute(1, context))
    assert.deepEqual(calls, ['undo, aborted: false'])
    assert.ok(error instanceof Error)
    const report = reportOf(error)
    assert.deepEqual(
      report?.steps.map(({ forward, undo }) => [forward, undo]),
      [
        ['succeeded', 'done'],
        ['unknown', 'not-needed'],
        ['not-run', 'not-needed'],
      ],
    )
    assert.deepEqual(getEventListeners(controller.signal, 'abort'), [])
  })

  it('a step that succeeds all the same is undone, and the caller gets ABORTED', async () => {
    const calls: string[] = []
    const controller = new AbortController()
    const { context } = observedContext({ signal: controller.signal })
    const workflow = new CompensationPrimitive([
      [
        async (n: number) => {
          controller.abort()
          return n
        },
        () => calls.push('undo'),
      ],
      [() => calls.push('second')],
    ])
    const error = await thrownBy(workflow.execute(1, context))
    assert.equal(codeOf(error), 'ABORTED')
    assert.deepEqual(calls, ['undo'])
    assert.equal(reportOf(error)?.status, 'compensated')
  })

  it('before the start runs nothing', async () => {
    let ran = 0
    const { context } = observedContext({ signal: AbortSignal.abort() })
    const workflow = new CompensationPrimitive([[() => ran++]])
    assert.equal(codeOf(await thrownBy(workflow.execute(1, context))), 'ABORTED')
    const run = await workflow.executeWithReport(1, context)
    assert.equal(run.status, 'failed')
    assert.equal(run.report.steps[0]?.forward, 'not-run')
    assert.equal(ran, 0)
  })

  it('a timeout around a whole workflow lets it undo everything [workflow-B-1]', async () => {
    const calls: string[] = []
    const { context, clock } = observedContext()
    const workflow = new CompensationPrimitive([
      [(n: number) => n, async () => void calls.push('undo')],
      [async (_, within): Promise<number> => await untilAborted(within.signal)],
    ])
    const limited = new TimeoutPrimitive(workflow, { timeoutMs: 5_000 })
    const error = await thrownBy(driven(clock, limited.execute(1, context)))
    assert.equal(codeOf(error), 'WORKFLOW_TIMEOUT')
    assert.deepEqual(calls, ['undo'])
    assert.equal(clock.timers, 0)
  })

  it('the rollback of a workflow inside is waited for, however long it takes [workflow-B-1]', async () => {
    const calls: string[] = []
    const { context, clock } = observedContext()
    const inner = new CompensationPrimitive([
      [
        (n: number) => n,
        async (_, within) => {
          await sleep(100_000, within.clock)
          calls.push('undo')
        },
      ],
      [async (_, within): Promise<number> => await untilAborted(within.signal)],
    ])
    const limited = new TimeoutPrimitive(new RetryPrimitive(inner, { maxRetries: 0 }), {
      timeoutMs: 1_000,
    })
    await thrownBy(driven(clock, limited.execute(1, context)))
    assert.deepEqual(calls, ['undo'])
    calls.length = 0
    const outer = new CompensationPrimitive([[limited]], { deadlineMs: 500 })
    const error = await thrownBy(driven(clock, outer.execute(1, context)))
    assert.deepEqual(calls, ['undo'])
    assert.deepEqual(reportOf(error)?.abandoned, [])
    assert.equal(clock.timers, 0)
  })

  it('an operation that ignores its signal is left behind after a while, and listed', async () => {
    const calls: string[] = []
    const controller = new AbortController()
    const { context, clock } = observedContext({ signal: controller.signal })
    const workflow = new CompensationPrimitive(
      [
        [(n: number) => n, () => calls.push('undo')],
        [
          function stubborn(): Promise<number> {
            controller.abort()
            return new Promise(() => undefined)
          },
        ],
      ],
      { abandonAfterMs: 5_000 },
    )
    const error = await thrownBy(driven(clock, workflow.execute(1, context)))
    const report = reportOf(error)
    assert.deepEqual(report?.abandoned, ['stubborn'])
    assert.equal(report.steps[1]?.forward, 'abandoned')
    assert.equal(report.status, 'incomplete')
    assert.deepEqual(calls, ['undo'])
    assert.equal(clock.timers, 0)
  })

  it('a deadline unwinds the run', async () => {
    const calls: string[] = []
    const { context, clock } = observedContext()
    const workflow = new CompensationPrimitive(
      [
        [(n: number) => n, () => calls.push('undo')],
        [async (_, within): Promise<number> => await untilAborted(within.signal)],
      ],
      { deadlineMs: 3_000 },
    )
    const error = await thrownBy(driven(clock, workflow.execute(1, context)))
    assert.equal(codeOf(error), 'EXECUTION_DEADLINE_PASSED')
    assert.deepEqual(calls, ['undo'])
    assert.equal(reportOf(error)?.reason, 'deadline_passed')
    assert.equal(clock.timers, 0)
  })

  it('a step has a time of its own, and an undo that does without an output', async () => {
    const calls: unknown[] = []
    const { context, clock } = observedContext()
    const workflow = new CompensationPrimitive([
      [(n: number) => n, () => calls.push('undo 1')],
      {
        name: 'slow',
        run: async (_, within): Promise<number> => await untilAborted(within.signal),
        compensate: () => calls.push('never'),
        undoUnknown: (input) => calls.push(`may have happened with ${input}`),
        timeoutMs: 2_000,
      },
    ])
    const error = await thrownBy(driven(clock, workflow.execute(7, context)))
    assert.equal(codeOf(error), 'WORKFLOW_TIMEOUT')
    assert.deepEqual(calls, ['may have happened with 7', 'undo 1'])
    assert.equal(reportOf(error)?.status, 'compensated')
  })

  it('an undo whose time is up has failed', async () => {
    const { context, clock } = observedContext()
    const workflow = new CompensationPrimitive(
      [
        [(n: number) => n, (_, within) => untilAborted(within.signal)],
        [
          () => {
            throw new Error('2')
          },
        ],
      ],
      { compensationTimeoutMs: 1_000 },
    )
    const error = await thrownBy(driven(clock, workflow.execute(7, context)))
    const report = reportOf(error)
    assert.equal(report?.steps[0]?.undo, 'failed')
    assert.equal(codeOf(report.undoErrors[0]), 'WORKFLOW_TIMEOUT')
    assert.equal(clock.timers, 0)
  })
})
