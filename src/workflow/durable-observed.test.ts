import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { EXECUTABLE } from '../machine/bindings.ts'
import type { Failure } from '../machine/journal.ts'
import { ExecutionWatch } from '../machine/perform/execution-watch.ts'
import { perform } from '../machine/perform/perform.ts'
import type { Performing } from '../machine/perform/performing.ts'
import { type RecordedTelemetry, recordTelemetry } from '../telemetry/recorded-telemetry.ts'
import { createTelemetry } from '../telemetry/telemetry.ts'
import { MetricsRegistry } from '../telemetry/metrics-registry.ts'
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { compensationMetrics } from './compensation-metrics.ts'
import type { WorkflowContext } from './workflow-context.ts'

type Observed = {
  readonly telemetry: RecordedTelemetry
  readonly clock: FakeClock
  readonly watch: ExecutionWatch
  readonly performing: () => Performing
  readonly contexts: WorkflowContext[]
}

/** A workflow of two steps in the hands of a manager that was given telemetry and a clock. */
function observed(): Observed {
  const telemetry = recordTelemetry()
  const clock = fakeClock()
  const contexts: WorkflowContext[] = []
  const workflow = new CompensationPrimitive(
    [
      {
        name: 'reserve',
        run: (order: string, context) => {
          contexts.push(context)
          return `${order} reserved`
        },
        compensate: (_output, context) => {
          contexts.push(context)
          clock.advance(250)
        },
      },
      {
        name: 'ship',
        run: (): string => {
          throw new RangeError('no carrier')
        },
        compensationRetry: { maxRetries: 0 },
        compensate: () => {
          throw new TypeError('gone')
        },
      },
    ],
    { name: 'order' },
  )
  const executable = workflow[EXECUTABLE]()
  const ids = { executionId: 'o-1', correlationId: 'c-1' }
  const watch = new ExecutionWatch({ telemetry, clock, spans: executable.spans, ...ids })
  const performing = (): Performing => ({
    executable,
    ...ids,
    clock,
    watching: watch.watching,
    addCompensation: () => Promise.reject(new Error('not here')),
  })
  return { telemetry, clock, watch, performing, contexts }
}

const failure: Failure = { path: 'ship', outcome: 'failed', code: 'RangeError', message: 'no' }
const run = { key: 'k', kind: 'run', attempt: 1, value: 'tea', isAgain: false } as const
const undo = { key: 'k', kind: 'undo', attempt: 1, undo: 'own', part: 'undo', failure } as const
const undoing = { ...undo, value: 'out', input: 'in', isAgain: false } as const

describe('a durable run whose manager was given telemetry', () => {
  it('has the spans of its steps and undos right below its root', async () => {
    const { telemetry, watch, performing } = observed()
    await perform({ ...run, path: 'reserve' }, performing())
    await perform({ ...run, path: 'ship' }, performing())
    await perform({ ...undoing, path: 'reserve' }, performing())
    watch.end({ ...failure, error: new RangeError('no carrier') })
    const [root] = telemetry.spans
    assert.deepEqual(
      telemetry.spans.map(({ name, status, parentSpanId }) => [name, status, parentSpanId]),
      [
        ['compensation_workflow.execute', 'error', undefined],
        ['step_1.forward', 'ok', root?.spanId],
        ['step_2.forward', 'error', root?.spanId],
        ['step_1.compensate', 'ok', root?.spanId],
      ],
    )
    assert.deepEqual(root?.attributes, {
      'compensation.primitive': 'order',
      'compensation.total_steps': 2,
      'workflow.id': 'o-1',
      'workflow.correlation_id': 'c-1',
    })
    assert.deepEqual(root.errors, [{ type: 'RangeError', message: 'no carrier' }])
    assert.deepEqual(telemetry.spans[3]?.attributes, {
      'compensation.primitive': 'order',
      'compensation.step': 'reserve',
      'compensation.step_index': 1,
      'compensation.total_steps': 2,
      'compensation.attempt': 1,
      'compensation.reason': 'ship_failed',
      'compensation.status': 'success',
    })
  })

  it('counts, logs and times there, by the clock of the manager', async () => {
    const { telemetry, performing, contexts, clock } = observed()
    await perform({ ...run, path: 'reserve' }, performing())
    await perform({ ...undoing, path: 'reserve' }, performing())
    await perform({ ...undoing, path: 'ship' }, performing())
    const { total, failures, seconds } = compensationMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'order' }), 2)
    assert.equal(failures.value({ primitive: 'order' }), 1)
    assert.deepEqual(seconds.value({ step: 'reserve' }), { count: 1, sum: 0.25 })
    assert.deepEqual(
      telemetry.events.map(({ event, step }) => [event, step]),
      [
        ['compensation_started', 'reserve'],
        ['compensation_completed', 'reserve'],
        ['compensation_started', 'ship'],
        ['compensation_failed', 'ship'],
      ],
    )
    const [forward, backward] = contexts
    const { spans } = telemetry
    assert.deepEqual([forward?.telemetry, forward?.clock], [telemetry, clock])
    assert.deepEqual([forward?.spanId, backward?.spanId], [spans[1]?.spanId, spans[2]?.spanId])
    assert.equal(forward?.parentSpanId, spans[0]?.spanId)
  })

  it('opens no span before something is performed, and none without a tracer', async () => {
    const { telemetry, watch, performing } = observed()
    watch.end()
    assert.deepEqual(telemetry.spans, [])
    await perform({ ...run, path: 'reserve' }, performing())
    watch.end()
    await perform({ ...undoing, path: 'reserve' }, performing())
    watch.end()
    const roots = telemetry.spans.filter(({ parentSpanId }) => parentSpanId === undefined)
    assert.deepEqual(
      roots.map(({ status }) => status),
      ['ok', 'ok'],
    )
    const quiet = createTelemetry({ metrics: new MetricsRegistry(), log: 'none', tracer: 'none' })
    const { executable, clock } = performing()
    const ids = { executionId: 'o-2', correlationId: 'c-2' }
    const other = new ExecutionWatch({ telemetry: quiet, clock, spans: executable.spans, ...ids })
    assert.equal(other.watching.span, undefined)
  })
})
