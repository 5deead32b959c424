/** What a manager that was given telemetry tells of the workflows it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordTelemetry, type RecordedTelemetry } from '../../src/telemetry/recorded-telemetry.ts'
import { compensating } from '../../src/workflow/compensating.ts'
import { compensationMetrics } from '../../src/workflow/compensation-metrics.ts'
import { WorkflowContext } from '../../src/workflow/workflow-context.ts'
import { openSagas } from './sagas.ts'

test('a durable workflow tells the telemetry of its manager: spans below one root, metrics, events', async () => {
  const telemetry = recordTelemetry()
  const order = compensating('order')
    .step(
      'reserve',
      (sku: string) => `${sku} reserved`,
      () => undefined,
    )
    .step('ship', (): string => {
      throw new RangeError('no carrier')
    })
    .build()
  await using open = await openSagas({ definitions: [order], telemetry })
  await open.sagas.run(order, 'tea', { id: 'o-1' })
  await open[Symbol.asyncDispose]()
  const root = telemetry.spans[0]?.spanId
  assert.deepEqual(
    telemetry.spans.map(({ name, status, parentSpanId }) => [name, status, parentSpanId]),
    [
      ['compensation_workflow.execute', 'error', undefined],
      ['step_1.forward', 'ok', root],
      ['step_2.forward', 'error', root],
      ['step_1.compensate', 'ok', root],
    ],
  )
  const { total } = compensationMetrics(telemetry.metrics)
  assert.equal(total.value({ primitive: 'order' }), 1)
  assert.deepEqual(
    telemetry.events.map(({ event }) => event),
    ['compensation_started', 'compensation_completed'],
  )
})

test('a workflow inside a durable one has the spans that it has in memory', async () => {
  for (const failing of ['nothing', 'wrap', 'ship']) {
    const order = orderOf(failing)
    const inMemory = recordTelemetry()
    const context = new WorkflowContext({ telemetry: inMemory })
    await order.execute('tea', context).catch(() => undefined)
    const durably = recordTelemetry()
    await using open = await openSagas({ definitions: [order], telemetry: durably })
    await open.sagas.run(order, 'tea')
    await open[Symbol.asyncDispose]()
    assert.deepEqual(treeOf(durably), treeOf(inMemory), failing)
  }
})

test('the span of a workflow inside a durable one ends before the outer one goes on', async () => {
  const telemetry = recordTelemetry()
  const statuses: (string | undefined)[] = []
  const look = (): void =>
    void statuses.push(
      telemetry.spans.find((span) => span.attributes[PRIMITIVE] === 'packing')?.status,
    )
  const order = orderOf('ship', look)
  await using open = await openSagas({ definitions: [order], telemetry })
  await open.sagas.run(order, 'tea')
  assert.deepEqual(statuses, ['open', 'ok'])
})

const PRIMITIVE = 'compensation.primitive'

function orderOf(failing: string, look: () => void = () => undefined) {
  const step =
    (name: string) =>
    (value: string): string => {
      if (name !== 'pick') look()
      if (name === failing) throw new RangeError(`no ${name}`)
      return `${value} ${name}`
    }
  const packing = compensating('packing')
    .step('pick', step('pick'), () => undefined)
    .step('wrap', step('wrap'), () => undefined)
    .build()
  return compensating('order').step('pack', packing).step('ship', step('ship')).build()
}

function treeOf({ spans }: RecordedTelemetry): readonly unknown[] {
  return spans.map(({ name, status, parentSpanId, attributes, errors }) => ({
    name,
    of: attributes[PRIMITIVE],
    status,
    errors: errors.map(({ message }) => message),
    below: spans.findIndex(({ spanId }) => spanId === parentSpanId),
  }))
}
