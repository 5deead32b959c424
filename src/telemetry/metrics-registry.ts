/**
 * Counters, histograms and gauges of this process, and their text for Prometheus. Nothing is needed to use
 * it, and nothing leaves the process unless a meter is there to be told.
 *
 * 1. A metric is declared once; declaring it again alike gives the same one.
 * 2. A metric holds a bounded number of series. What comes beyond it is counted under the label
 *    value `other`, so that a label filled with ids cannot exhaust the memory.
 * 3. Counters never go down.
 * 4. What a meter throws is ignored: it changes nothing of what is counted here.
 */
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type Gauge, GaugeMetric } from './gauge.ts'
import type { InstrumentOptions, Meter } from './metering.ts'
import {
  type HistogramDeclaration,
  type Labels,
  type MetricDeclaration,
  SECONDS,
} from './metric.ts'
import { bounded, introduction, labelTexts, line } from './prometheus-text.ts'

/** One series of a counter. */
export type CounterSeries = { add(by?: number): void }

/** One series of a histogram. */
export type HistogramSeries = { observe(value: number): void }

/** A counter. */
export type Counter = {
  /** The series of these labels; hold on to it where speed matters. */
  with(labels: Labels): CounterSeries
  /** What has been counted under these labels; 0 for a series that does not exist. */
  value(labels: Labels): number
}

/** A histogram. */
export type Histogram = {
  /** The series of these labels; hold on to it where speed matters. */
  with(labels: Labels): HistogramSeries
  /** How many values were observed under these labels, and their sum. */
  value(labels: Labels): { readonly count: number; readonly sum: number }
}

/** Where else a registry tells what it counts. */
export type MetricsRegistryOptions = {
  /**
   * The meter to use now, if there is one; it is told whatever is counted from then on. Default:
   * none. The registry of the process tells OpenTelemetry's when the program has registered one.
   */
  readonly meter?: MeterNow | undefined
}

/** The meter of a name, or of `amends`, if there is one. */
type MeterNow = (scope?: string) => Meter | undefined

/** The metrics of a process, or of a test. */
export class MetricsRegistry {
  readonly #metrics = new Map<string, Metric>()
  readonly #gauges = new Map<string, GaugeMetric>()
  readonly #meter: MeterNow | undefined
  #generation = 0

  constructor(options: MetricsRegistryOptions = {}) {
    this.#meter = options.meter
  }

  /** Changes when everything is forgotten: who holds on to metrics declares them again then. */
  get generation(): number {
    return this.#generation
  }

  /**
   * Declares a counter, or finds it.
   *
   * @throws CodedError `CONFIGURATION_INVALID` for a name that is taken by another metric, or is
   * none that Prometheus takes
   */
  counter(declaration: MetricDeclaration): Counter {
    return this.#metric(declaration, undefined)
  }

  /**
   * Declares a histogram, or finds it.
   *
   * @throws CodedError `CONFIGURATION_INVALID` as {@link counter}, or for buckets out of order
   */
  histogram(declaration: HistogramDeclaration): Histogram {
    const metric = this.#metric(declaration, declaration.buckets ?? SECONDS)
    return { with: (labels) => metric.with(labels), value: (labels) => metric.observed(labels) }
  }

  /**
   * Declares a gauge, or finds it.
   *
   * @throws CodedError `CONFIGURATION_INVALID` as {@link counter}
   */
  gauge(declaration: MetricDeclaration): Gauge {
    const { name } = declaration
    const known = this.#gauges.get(name)
    if (known !== undefined) {
      if (!known.isLike(declaration)) throw refused(name, 'declared otherwise')
      return known
    }
    if (this.#metrics.has(name)) throw refused(name, 'declared otherwise')
    const gauge = new GaugeMetric(checked(declaration, undefined), this.#meter)
    this.#gauges.set(name, gauge)
    return gauge
  }

  /** Everything counted so far, in the text format of Prometheus (0.0.4). */
  text(): string {
    let text = ''
    for (const metric of this.#metrics.values()) text += metric.text()
    for (const gauge of this.#gauges.values()) text += gauge.text()
    return text
  }

  /** Forgets every metric, its declaration included; for tests. */
  reset(): void {
    this.#metrics.clear()
    this.#gauges.clear()
    this.#generation++
  }

  #metric(declaration: MetricDeclaration, buckets: readonly number[] | undefined): Metric {
    const known = this.#metrics.get(declaration.name)
    if (known === undefined) {
      if (this.#gauges.has(declaration.name)) throw refused(declaration.name, 'declared otherwise')
      const metric = new Metric(checked(declaration, buckets), buckets, this.#meter)
      this.#metrics.set(declaration.name, metric)
      return metric
    }
    if (!known.isLike(declaration, buckets)) throw refused(declaration.name, 'declared otherwise')
    return known
  }
}

class Metric implements Counter {
  readonly #declaration: MetricDeclaration
  readonly #buckets: readonly number[] | undefined
  readonly #series = new Map<string, Series>()
  readonly #tell: Tell | undefined

  constructor(
    declaration: MetricDeclaration,
    buckets: readonly number[] | undefined,
    meter: MeterNow | undefined,
  ) {
    this.#declaration = declaration
    this.#buckets = buckets
    this.#tell = meter === undefined ? undefined : teller(declaration, buckets, meter)
  }

  isLike(other: MetricDeclaration, buckets: readonly number[] | undefined): boolean {
    return (
      String(this.#declaration.labels) === String(other.labels) &&
      String(this.#buckets) === String(buckets)
    )
  }

  with(labels: Labels): Series {
    const values = this.#declaration.labels.map((name) => bounded(labels[name] ?? ''))
    const found = this.#series.get(values.join('\0'))
    if (found !== undefined) return found
    const isFull = this.#series.size >= limits.metricSeriesMax
    const named = isFull ? values.map(() => OTHER) : values
    const key = named.join('\0')
    const series = this.#series.get(key) ?? this.#newSeries(named)
    this.#series.set(key, series)
    return series
  }

  value(labels: Labels): number {
    return this.#found(labels)?.sum ?? 0
  }

  observed(labels: Labels): { readonly count: number; readonly sum: number } {
    const series = this.#found(labels)
    return { count: series?.count ?? 0, sum: series?.sum ?? 0 }
  }

  text(): string {
    const type = this.#buckets === undefined ? 'counter' : 'histogram'
    let text = introduction(this.#declaration, type)
    for (const series of this.#series.values()) {
      text += series.text(this.#declaration, this.#buckets)
    }
    return text
  }

  #newSeries(values: readonly string[]): Series {
    const labels = this.#declaration.labels.map((name, i) => [name, values[i] ?? ''])
    const tell = this.#tell
    const attributes: Labels = Object.fromEntries(labels)
    return new Series(values, this.#buckets, tell && ((value) => tell(value, attributes)))
  }

  #found(labels: Labels): Series | undefined {
    return this.#series.get(
      this.#declaration.labels.map((name) => bounded(labels[name] ?? '')).join('\0'),
    )
  }
}

class Series implements CounterSeries, HistogramSeries {
  sum = 0
  count = 0
  readonly #values: readonly string[]
  /** Plain numbers side by side: every command looks through some. */
  readonly #bounds: Float64Array
  /** By bucket; the last one is for what is above all bounds. */
  readonly #counts: Float64Array
  readonly #tell: ((value: number) => void) | undefined

  constructor(
    values: readonly string[],
    buckets: readonly number[] = [],
    tell: ((value: number) => void) | undefined,
  ) {
    this.#values = values
    this.#tell = tell
    this.#bounds = Float64Array.from(buckets)
    this.#counts = new Float64Array(buckets.length + 1)
  }

  add(by = 1): void {
    if (!(by >= 0)) return
    this.sum += by
    this.#tell?.(by)
  }

  observe(value: number): void {
    if (Number.isNaN(value)) return
    this.sum += value
    this.count++
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > (bounds[at] ?? Infinity)) at++
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#tell?.(value)
  }

  text({ name, labels }: MetricDeclaration, buckets: readonly number[] | undefined): string {
    const own = labelTexts(labels, this.#values)
    if (buckets === undefined) return line(name, own, this.sum)
    let text = ''
    let below = 0
    buckets.forEach((bound, i) => {
      below += this.#counts[i] ?? 0
      text += line(`${name}_bucket`, [...own, `le="${bound}"`], below)
    })
    text += line(`${name}_bucket`, [...own, 'le="+Inf"'], this.count)
    return text + line(`${name}_sum`, own, this.sum) + line(`${name}_count`, own, this.count)
  }
}

const OTHER = 'other'

/** Tells a meter of one value. */
type Tell = (value: number, labels: Labels) => void

/** Tells whatever meter there is; its instrument is made when there is something to tell. */
function teller(
  declaration: MetricDeclaration,
  buckets: readonly number[] | undefined,
  meterNow: MeterNow,
): Tell {
  const { openTelemetry: known } = declaration
  let made: { readonly of: Meter; readonly tell: Tell } | undefined
  return (value, labels) => {
    try {
      const meter = meterNow(known?.meter)
      if (meter === undefined) return
      if (made?.of !== meter) made = { of: meter, tell: instrument(meter, declaration, buckets) }
      made.tell(value, labels)
    } catch {
      // Observing never changes what is observed.
    }
  }
}

function instrument(
  meter: Meter,
  { name: ownName, help, openTelemetry: known }: MetricDeclaration,
  buckets: readonly number[] | undefined,
): Tell {
  const name = known?.name ?? ownName
  const options: InstrumentOptions = { description: help, ...(known?.unit && { unit: known.unit }) }
  if (buckets === undefined) {
    const counter = meter.createCounter(name, options)
    return (value, labels) => counter.add(value, labels)
  }
  const advice = { explicitBucketBoundaries: [...buckets] }
  const histogram = meter.createHistogram(name, { ...options, advice })
  return (value, labels) => histogram.record(value, labels)
}

function checked(
  declaration: MetricDeclaration,
  buckets: readonly number[] | undefined,
): MetricDeclaration {
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(declaration.name)) {
    throw refused(declaration.name, 'not a name')
  }
  for (const label of declaration.labels) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) throw refused(declaration.name, `label ${label}`)
  }
  buckets?.forEach((bound, i) => {
    if (!(bound > (buckets[i - 1] ?? -Infinity))) throw refused(declaration.name, 'bucket order')
  })
  return { ...declaration, labels: [...declaration.labels] }
}

function refused(metric: string, problem: string): Error {
  return codedError('CONFIGURATION_INVALID', { details: { metric, problem } })
}
