/** Metrics through the real API of OpenTelemetry; its provider is one that writes down. */
import { strict as assert } from 'node:assert'
import { after, describe, it } from 'node:test'
import { type MeterProvider, metrics } from '@opentelemetry/api'
import { openTelemetryMeter } from './open-telemetry-meter.ts'
import { processMetrics } from './telemetry.ts'

type Told = readonly [string, number, Readonly<Record<string, string>>]

/** A provider of the API of which only what is used here is there. */
function provider(told: Told[], made: unknown[], hasFailed = false): MeterProvider {
  const instrument =
    (name: string) =>
    (value: number, attributes: Readonly<Record<string, string>>): void => {
      if (hasFailed) throw new Error('no exporter')
      told.push([name, value, attributes])
    }
  const meter = {
    createCounter: (name: string, options: unknown) => {
      made.push([name, options])
      return { add: instrument(name) }
    },
    createHistogram: (name: string, options: unknown) => {
      made.push([name, options])
      return { record: instrument(name) }
    },
  }
  return { getMeter: () => meter } as unknown as MeterProvider
}

describe('metrics of the process', () => {
  after(() => metrics.disable())
  const counter = processMetrics().counter({ name: 'c_total', help: 'C.', labels: ['kind'] })
  const histogram = processMetrics().histogram({
    name: 'h_seconds',
    help: 'H.',
    labels: [],
    buckets: [1, 2],
  })

  it('stay in the process without a meter provider', () => {
    assert.equal(openTelemetryMeter(), undefined)
    counter.with({ kind: 'a' }).add()
    assert.equal(counter.value({ kind: 'a' }), 1)
  })

  it('are told to a meter provider from when it is registered, and counted here all the same', () => {
    const told: Told[] = []
    const made: unknown[] = []
    metrics.setGlobalMeterProvider(provider(told, made))
    const series = counter.with({ kind: 'a' })
    series.add(2)
    series.add(-1)
    series.add()
    histogram.with({}).observe(0.5)
    histogram.with({}).observe(Number.NaN)
    assert.deepEqual(told, [
      ['c_total', 2, { kind: 'a' }],
      ['c_total', 1, { kind: 'a' }],
      ['h_seconds', 0.5, {}],
    ])
    assert.deepEqual(made, [
      ['c_total', { description: 'C.' }],
      ['h_seconds', { description: 'H.', advice: { explicitBucketBoundaries: [1, 2] } }],
    ])
    assert.equal(counter.value({ kind: 'a' }), 4)
    metrics.disable()
    assert.equal(openTelemetryMeter(), undefined)
  })

  it('are counted although a provider throws', () => {
    metrics.setGlobalMeterProvider(provider([], [], true))
    counter.with({ kind: 'b' }).add()
    assert.equal(counter.value({ kind: 'b' }), 1)
  })
})
