import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { MetricsRegistry } from './metrics-registry.ts'
import { processMetrics } from './telemetry.ts'

const declared = { name: 'things_total', help: 'Things.', labels: ['kind'] }

describe('the metrics registry', () => {
  it('has one metric a name, whoever declares it [workflow-T82]', () => {
    const metrics = new MetricsRegistry()
    metrics.counter(declared).with({ kind: 'a' }).add()
    metrics.counter(declared).with({ kind: 'a' }).add(2)
    assert.equal(metrics.counter(declared).value({ kind: 'a' }), 3)
    assert.equal(metrics.counter(declared).value({ kind: 'b' }), 0)
    metrics.reset()
    assert.equal(metrics.text(), '')
    assert.equal(processMetrics(), processMetrics())
  })

  it('writes what Prometheus reads [workflow-B-13]', () => {
    const metrics = new MetricsRegistry()
    metrics
      .counter({ name: 'plain_total', help: 'Back\\slash\nand line.', labels: [] })
      .with({})
      .add()
    metrics.counter(declared).with({ kind: 'a "quoted"\n\\' }).add(2)
    const seconds = metrics.histogram({
      name: 's',
      help: 'S.',
      labels: ['step'],
      buckets: [0.1, 1],
    })
    for (const value of [0.05, 0.1, 0.5, 7, Number.NaN]) seconds.with({ step: 'x' }).observe(value)
    assert.equal(
      metrics.text(),
      `# HELP plain_total Back\\\\slash\\nand line.
# TYPE plain_total counter
plain_total 1
# HELP things_total Things.
# TYPE things_total counter
things_total{kind="a \\"quoted\\"\\n\\\\"} 2
# HELP s S.
# TYPE s histogram
s_bucket{step="x",le="0.1"} 2
s_bucket{step="x",le="1"} 3
s_bucket{step="x",le="+Inf"} 4
s_sum{step="x"} 7.65
s_count{step="x"} 4
`,
    )
    assert.deepEqual(seconds.value({ step: 'x' }), { count: 4, sum: 7.65 })
    assert.deepEqual(seconds.value({ step: 'y' }), { count: 0, sum: 0 })
  })

  it('holds a bounded number of series, of bounded labels', () => {
    const metrics = new MetricsRegistry()
    const counter = metrics.counter(declared)
    for (let i = 0; i < 5_000; i++) counter.with({ kind: String(i) }).add()
    assert.equal(counter.value({ kind: '999' }), 1)
    assert.equal(counter.value({ kind: '1000' }), 0)
    assert.equal(counter.value({ kind: 'other' }), 4_000)
    const other = metrics.counter({ ...declared, name: 'others_total' })
    other.with({ kind: 'x'.repeat(10_000) }).add()
    assert.equal(other.value({ kind: 'x'.repeat(128) }), 1)
  })

  it('a counter never goes down', () => {
    const counter = new MetricsRegistry().counter(declared)
    counter.with({ kind: 'a' }).add(3)
    counter.with({ kind: 'a' }).add(-1)
    assert.equal(counter.value({ kind: 'a' }), 3)
  })

  it('refuses names that are none, and a name for two metrics', () => {
    const metrics = new MetricsRegistry()
    metrics.counter(declared)
    const bad = [
      () => metrics.counter({ ...declared, labels: ['other'] }),
      () => metrics.histogram(declared),
      () => metrics.counter({ ...declared, name: 'not a name' }),
      () => metrics.counter({ ...declared, name: 'x', labels: ['a-b'] }),
      () => metrics.histogram({ ...declared, name: 'y', buckets: [1, 1] }),
    ]
    for (const each of bad)
      assert.throws(each, (error) => codeOf(error) === 'CONFIGURATION_INVALID')
  })
})
