import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsRegistry } from '../../telemetry/metrics-registry.ts'
import { KeptSeries } from './kept-series.ts'

test('what comes beyond the bound of series is counted together, and nothing is lost', () => {
  const metrics = new MetricsRegistry()
  const counter = metrics.counter({ name: 'c_total', help: 'C.', labels: ['domain', 'type'] })
  let made = 0
  const kept = new KeptSeries((domain, type) => {
    made++
    return counter.with({ domain, type })
  })
  for (let i = 0; i < 3_000; i++) kept.of('d', `t${i}`).add()
  assert.equal(counter.value({ domain: 'd', type: 't999' }), 1)
  assert.equal(counter.value({ domain: 'other', type: 'other' }), 2_000)
  const before = made
  kept.of('d', 't1').add()
  assert.equal(made, before)
})
