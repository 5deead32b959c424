/** What is seen of a run: the worked trace of the document's order workflow, span by span. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { createTelemetry } from '../telemetry/telemetry.ts'
import { recordTelemetry } from '../telemetry/recorded-telemetry.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { compensationMetrics } from './compensation-metrics.ts'
import { executionMetrics } from './execution-metrics.ts'
import { driven, observedContext, thrownBy } from './observed-context.test.support.ts'
import { WorkflowContext } from './workflow-context.ts'

type Order = { readonly productId: string }
const order: Order = { productId: 'p-1' }

const reserve_inventory = async (data: Order) => ({ ...data, reservationId: 'r-1' })
const charge_payment = async (data: Order & { reservationId: string }) => ({
  ...data,
  chargeId: 'c',
})
const shippingFailed = new Error('no carrier')
const ship_order = async (_data: unknown): Promise<{ trackingId: string }> => {
  throw shippingFailed
}
const undo = async (): Promise<void> => undefined

function orderWorkflow(
  options: Partial<ConstructorParameters<typeof CompensationPrimitive>[1]> & object = {},
  refund: (data: { readonly chargeId: string }) => Promise<void> = undo,
): CompensationPrimitive<Order, unknown> {
  return new CompensationPrimitive(
    [
      [reserve_inventory, undo],
      [charge_payment, refund],
      [ship_order, undo],
    ],
    { name: 'OrderWorkflow', ...options },
  )
}

describe('the worked trace', () => {
  it('has the spans of the document, all siblings under the root [workflow-B-4, workflow-B-15]', async () => {
    const { context, telemetry } = observedContext()
    await thrownBy(orderWorkflow().execute(order, context))
    const [root, ...others] = telemetry.spans
    assert.equal(root?.name, 'compensation_workflow.execute')
    assert.equal(root.parentSpanId, undefined)
    assert.deepEqual(
      others.map(({ name, status }) => [name, status]),
      [
        ['step_1.forward', 'ok'],
        ['step_2.forward', 'ok'],
        ['step_3.forward', 'error'],
        ['step_2.compensate', 'ok'],
        ['step_1.compensate', 'ok'],
      ],
    )
    assert.equal(root.status, 'error')
    for (const span of others) {
      assert.equal(span.parentSpanId, root.spanId)
      assert.equal(span.traceId, root.traceId)
    }
    const errors = telemetry.spans.map((span) => span.errors.length)
    assert.deepEqual(errors, [1, 0, 0, 1, 0, 0])
  })

  it('has the log events of the document, with its fields', async () => {
    const { context, telemetry } = observedContext()
    await thrownBy(orderWorkflow().execute(order, context))
    const plain = telemetry.events.map(({ trace_id, span_id, ...event }) => {
      assert.ok(trace_id !== undefined || span_id === undefined)
      return event
    })
    const more = { correlation_id: 'test-1', workflow_id: undefined }
    const started = {
      event: 'compensation_started',
      primitive: 'OrderWorkflow',
      compensation_reason: 'ship_order_failed',
      level: 'warn',
      ...more,
    }
    const completed = { event: 'compensation_completed', duration_ms: 0, level: 'info', ...more }
    assert.deepEqual(plain, [
      { ...started, step: 'charge_payment' },
      { ...completed, step: 'charge_payment' },
      { ...started, step: 'reserve_inventory' },
      { ...completed, step: 'reserve_inventory' },
    ])
  })

  it('counts under the names of the document [workflow-B-18]', async () => {
    const { context, telemetry } = observedContext()
    await thrownBy(orderWorkflow().execute(order, context))
    const { total, failures, seconds } = compensationMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'OrderWorkflow' }), 2)
    assert.equal(failures.value({ primitive: 'OrderWorkflow' }), 0)
    assert.equal(seconds.value({ step: 'charge_payment' }).count, 1)
    assert.equal(seconds.value({ step: 'reserve_inventory' }).count, 1)
    assert.equal(seconds.value({ step: 'ship_order' }).count, 0)
    const text = telemetry.metrics.text()
    assert.match(text, /^compensation_total\{primitive="OrderWorkflow"\} 2$/m)
    assert.match(text, /^compensation_duration_seconds_count\{step="charge_payment"\} 1$/m)
  })

  it('a failing undo is counted, logged as failed, and its span has failed', async () => {
    const { context, telemetry } = observedContext()
    const workflow = orderWorkflow({}, async () => {
      throw new RangeError('refund is down')
    })
    await thrownBy(workflow.execute(order, context))
    const { total, failures } = compensationMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'OrderWorkflow' }), 2)
    assert.equal(failures.value({ primitive: 'OrderWorkflow' }), 1)
    const failed = telemetry.events.find(({ event }) => event === 'compensation_failed')
    assert.equal(failed?.['error'], 'refund is down')
    assert.equal(failed['error_type'], 'RangeError')
    assert.equal(failed.level, 'error')
    const span = telemetry.spans.find(({ name }) => name === 'step_2.compensate')
    assert.equal(span?.status, 'error')
    assert.deepEqual(
      telemetry.events.map(({ event }) => event),
      [
        'compensation_started',
        'compensation_failed',
        'compensation_started',
        'compensation_completed',
      ],
    )
  })

  it('a run that succeeds has spans, and nothing about compensation in metrics and logs', async () => {
    const { context, telemetry } = observedContext()
    const workflow = new CompensationPrimitive([[reserve_inventory, undo]], {
      name: 'OrderWorkflow',
    })
    await workflow.execute(order, context)
    assert.deepEqual(
      telemetry.spans.map(({ name, status }) => [name, status]),
      [
        ['compensation_workflow.execute', 'ok'],
        ['step_1.forward', 'ok'],
      ],
    )
    assert.deepEqual(telemetry.events, [])
    assert.doesNotMatch(telemetry.metrics.text(), /compensation_/)
  })

  it('executions are counted by the name of the workflow, good and bad [workflow-T13, workflow-T16]', async () => {
    const { context, telemetry } = observedContext()
    const good = new CompensationPrimitive([[reserve_inventory, undo]], { name: 'good' })
    await good.execute(order, context)
    await thrownBy(orderWorkflow().execute(order, context))
    const { total, seconds } = executionMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'good', outcome: 'completed' }), 1)
    assert.equal(total.value({ primitive: 'OrderWorkflow', outcome: 'failed' }), 1)
    assert.equal(seconds.value({ primitive: 'good' }).count, 1)
    assert.ok(seconds.value({ primitive: 'good' }).sum >= 0)
  })

  it('spans carry the correlation id, steps know their own span [workflow-T17, workflow-T34]', async () => {
    const { context, telemetry } = observedContext()
    const seen: (readonly [string | undefined, string | undefined, string])[] = []
    const workflow = new CompensationPrimitive([
      [
        (_: Order, { spanId, parentSpanId, correlationId }) =>
          void seen.push([spanId, parentSpanId, correlationId]),
      ],
    ])
    await workflow.execute(order, context)
    const [root, step] = telemetry.spans
    assert.equal(root?.attributes['workflow.correlation_id'], 'test-1')
    assert.deepEqual(seen, [[step?.spanId, root?.spanId, 'test-1']])
  })

  it('checkpoints are noted under the names of the spans [workflow-T15]', async () => {
    const { context } = observedContext()
    await thrownBy(orderWorkflow().execute(order, context))
    const names = context.checkpoints.map(({ name }) => name)
    assert.equal(names[0], 'compensation_workflow.start')
    assert.equal(names.at(-1), 'compensation_workflow.end')
    for (const part of ['step_1.forward', 'step_3.forward', 'step_1.compensate']) {
      assert.ok(names.indexOf(`${part}.start`) < names.indexOf(`${part}.end`), part)
    }
    assert.ok(!names.some((name) => name.startsWith('step_3.compensate')))
    const { context: other } = observedContext()
    await new CompensationPrimitive([[reserve_inventory, undo]]).execute(order, other)
    assert.ok(!other.checkpoints.some(({ name }) => name.includes('compensate')))
  })
})

describe('settings', () => {
  it('logging can be turned off, metrics and spans stay', async () => {
    const { context, telemetry } = observedContext()
    await thrownBy(orderWorkflow({ logCompensations: false }).execute(order, context))
    assert.deepEqual(telemetry.events, [])
    const { total } = compensationMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'OrderWorkflow' }), 2)
    assert.ok(telemetry.spans.some(({ name }) => name === 'step_1.compensate'))
  })

  it('the reason can be given in words of your own', async () => {
    const { context, telemetry } = observedContext()
    const reason = (error: unknown, step: string | undefined): string =>
      `${step === 'ship_order' && error === shippingFailed ? 'shipping' : '?'}_failed`
    await thrownBy(orderWorkflow({ reason }).execute(order, context))
    assert.equal(telemetry.events[0]?.['compensation_reason'], 'shipping_failed')
  })

  it('names are said, taken from functions, or counted; duplicates are told apart', () => {
    const same = (n: number): number => n
    const workflow = new CompensationPrimitive([
      [same],
      [same],
      [(n: number) => n],
      { name: 'said', run: (n: number) => n },
      { run: (n: number) => n },
    ])
    assert.deepEqual(workflow.steps, ['same', 'same#2', 'step_3', 'said', 'step_5'])
  })

  it('texts of errors pass the redaction hook, and one that fails lets nothing through [workflow-B-19]', async () => {
    for (const redact of [
      () => '[redacted]',
      (): string => {
        throw new Error('broken hook')
      },
    ]) {
      const telemetry = recordTelemetry({ redact })
      const workflow = new CompensationPrimitive([
        [
          (n: number) => n,
          async () => {
            throw new Error('card 4111')
          },
        ],
        [
          () => {
            throw new Error('card 4111')
          },
        ],
      ])
      await thrownBy(workflow.execute(1, new WorkflowContext({ telemetry })))
      const shown = JSON.stringify([telemetry.spans, telemetry.events])
      assert.doesNotMatch(shown, /4111/)
      assert.match(shown, /\[redacted\]/)
    }
  })

  it('works with tracing and logging off, and with observers that throw [workflow-T12]', async () => {
    const broken = (): never => {
      throw new Error('observer')
    }
    const silent = createTelemetry({ log: 'none', tracer: 'none' })
    const throwing = createTelemetry({ log: broken, tracer: { start: broken } })
    for (const telemetry of [silent, throwing]) {
      const context = new WorkflowContext({ telemetry })
      const good = new CompensationPrimitive([[reserve_inventory, undo]])
      assert.deepEqual(await good.execute(order, context), { ...order, reservationId: 'r-1' })
      assert.equal(await thrownBy(orderWorkflow().execute(order, context)), shippingFailed)
    }
  })

  it('spans of a workflow inside another one hang below its step', async () => {
    const { context, telemetry } = observedContext()
    const inner = new CompensationPrimitive([[reserve_inventory, undo]], { name: 'inner' })
    const outer = new CompensationPrimitive([[inner], [(data) => data.reservationId]], {
      name: 'o',
    })
    await outer.execute(order, context)
    const byName = new Map(telemetry.spans.map((span) => [span.spanId, span.name]))
    assert.deepEqual(
      telemetry.spans.map(({ name, parentSpanId, status }) => [
        name,
        byName.get(parentSpanId ?? ''),
        status,
      ]),
      [
        ['compensation_workflow.execute', undefined, 'ok'],
        ['step_1.forward', 'compensation_workflow.execute', 'ok'],
        ['compensation_workflow.execute', 'step_1.forward', 'ok'],
        ['step_1.forward', 'compensation_workflow.execute', 'ok'],
        ['step_2.forward', 'compensation_workflow.execute', 'ok'],
      ],
    )
  })

  it('a retried undo counts once', async () => {
    const { context, telemetry, clock } = observedContext()
    let attempts = 0
    const workflow = new CompensationPrimitive(
      [
        [
          (n: number) => n,
          () => {
            if (++attempts < 3) throw new Error('again')
          },
        ],
        [
          () => {
            throw new Error('2')
          },
        ],
      ],
      { name: 'w', compensationRetry: { maxRetries: 5 } },
    )
    await thrownBy(driven(clock, workflow.execute(1, context)))
    assert.equal(attempts, 3)
    const { total, failures } = compensationMetrics(telemetry.metrics)
    assert.equal(total.value({ primitive: 'w' }), 1)
    assert.equal(failures.value({ primitive: 'w' }), 0)
    assert.deepEqual(
      telemetry.events.map(({ event }) => event),
      ['compensation_started', 'compensation_completed'],
    )
  })
})
