import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../errors.ts'
import type { Observed } from './metering.ts'
import { MetricsRegistry } from './metrics-registry.ts'

const lag = { name: 'lag', help: 'Lag.', labels: ['component'] }

test('a gauge shows what its sources answer when somebody looks, and nothing of those taken back', () => {
  const metrics = new MetricsRegistry()
  let value = 1
  const stop = metrics.gauge(lag).collect(() => [{ labels: { component: 'a' }, value }])
  metrics.gauge(lag).collect(() => {
    throw new Error('gone')
  })
  value = 7
  assert.equal(metrics.text(), '# HELP lag Lag.\n# TYPE lag gauge\nlag{component="a"} 7\n')
  assert.equal(metrics.gauge(lag).value({ component: 'a' }), 7)
  stop()
  assert.equal(metrics.text(), '# HELP lag Lag.\n# TYPE lag gauge\n')
})

test('a gauge shows a series once, a bounded number of them, and numbers only', () => {
  const metrics = new MetricsRegistry()
  const gauge = metrics.gauge(lag)
  gauge.collect(() => [
    { labels: { component: 'nan' }, value: Number.NaN },
    { labels: { component: 'a' }, value: 1 },
    { labels: { component: 'a' }, value: 2 },
  ])
  gauge.collect(() =>
    Array.from({ length: 5_000 }, (_, i) => ({ labels: { component: `c${i}` }, value: i })),
  )
  const lines = metrics.text().trim().split('\n').slice(2)
  assert.equal(lines[0], 'lag{component="a"} 1')
  assert.equal(lines.length, 1_000)
})

test('a name is that of one metric, gauge or not', () => {
  const metrics = new MetricsRegistry()
  metrics.gauge(lag)
  const codes = [
    () => metrics.counter(lag),
    () => metrics.gauge({ ...lag, labels: [] }),
    () => metrics.gauge({ ...lag, name: 'no name' }),
  ].map((declare) => {
    try {
      declare()
      return ''
    } catch (error) {
      return codeOf(error)
    }
  })
  assert.deepEqual(
    codes,
    Array.from({ length: 3 }, () => 'CONFIGURATION_INVALID'),
  )
})

test('a meter that is there asks a gauge for its values, under its own name and unit', () => {
  const callbacks = new Set<(result: Observed) => void>()
  const made: unknown[] = []
  const nothing = { add: () => undefined, record: () => undefined }
  const metrics = new MetricsRegistry({
    meter: (scope) => ({
      createCounter: () => nothing,
      createHistogram: () => nothing,
      createObservableGauge: (name, options) => {
        made.push([scope, name, options])
        return {
          addCallback: (callback) => void callbacks.add(callback),
          removeCallback: (callback) => void callbacks.delete(callback),
        }
      },
    }),
  })
  const openTelemetry = { name: 'amends.lag', meter: 'amends', unit: '1' }
  const gauge = metrics.gauge({ ...lag, openTelemetry })
  const stop = gauge.collect(() => [{ labels: { component: 'a' }, value: 3 }])
  assert.deepEqual(made, [['amends', 'amends.lag', { description: 'Lag.', unit: '1' }]])
  const seen: unknown[] = []
  for (const callback of callbacks) {
    callback({ observe: (value, labels) => void seen.push([value, labels]) })
  }
  assert.deepEqual(seen, [[3, { component: 'a' }]])
  stop()
  assert.equal(callbacks.size, 0)
})
