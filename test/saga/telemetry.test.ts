/** What a manager that was given telemetry tells of the workflows it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordTelemetry } from '../../src/telemetry/recorded-telemetry.ts'
import { compensating } from '../../src/workflow/compensating.ts'
import { compensationMetrics } from '../../src/workflow/compensation-metrics.ts'
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
