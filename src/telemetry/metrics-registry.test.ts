import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { codeOf } from '../errors.ts'
import { MetricsRegistry } from './metrics-registry.ts'
import { processMetrics } from './telemetry.ts'

const declared = { name: 'things_total', help: 'Things.', labels: ['kind'] }

describe('the metrics registry', () => {
  it('has one metric a name, whoever declares it [workflow-T82]', () => {
    const registry = new MetricsRegistry()
    registry.counter(declared).with({ kind: 'a' }).add()
    registry.counter(declared).with({ kind: 'a' }).add(2)
    assert.equal(registry.counter(declared).value({ kind: 'a' }), 3)
    assert.equal(registry.counter(declared).value({ kind: 'b' }), 0)
    registry.reset()
    assert.equal(registry.text(), '')
    assert.equal(processMetrics(), processMetrics())
  })

  it('writes what Prometheus reads [workflow-B-13]', () => {
    const registry = new MetricsRegistry()
    registry
      .counter({ name: 'plain_total', help: 'Back\\slash\nand line.', labels: [] })
      .with({})
      .add()
    registry.counter(declared).with({ kind: 'a "quoted"\n\\' }).add(2)
    const seconds = registry.histogram({
      name: 's',
      help: 'S.',
      labels: ['step'],
      buckets: [0.1, 1],
    })
    for (const value of [0.05, 0.1, 0.5, 7, Number.NaN]) seconds.with({ step: 'x' }).observe(value)
    assert.equal(
      registry.text(),
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
    const registry = new MetricsRegistry()
    const counter = registry.counter(declared)
    for (let i = 0; i < 5_000; i++) counter.with({ kind: String(i) }).add()
    assert.equal(counter.value({ kind: '999' }), 1)
    assert.equal(counter.value({ kind: '1000' }), 0)
    assert.equal(counter.value({ kind: 'other' }), 4_000)
    const other = registry.counter({ ...declared, name: 'others_total' })
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
    const registry = new MetricsRegistry()
    registry.counter(declared)
    const bad = [
      () => registry.counter({ ...declared, labels: ['other'] }),
      () => registry.histogram(declared),
      () => registry.counter({ ...declared, name: 'not a name' }),
      () => registry.counter({ ...declared, name: 'x', labels: ['a-b'] }),
      () => registry.histogram({ ...declared, name: 'y', buckets: [1, 1] }),
    ]
    for (const each of bad)
      assert.throws(each, (error) => codeOf(error) === 'CONFIGURATION_INVALID')
  })
})
