/**
 * Gauges: values that are read when somebody looks, and cost nothing until then.
 *
 * 1. Whoever has values to show gives a function that reads them, and takes it back at the end.
 * 2. A function that throws shows nothing; values beyond `limits.metricSeriesMax` are left out.
 */
import { limits } from '../limits.ts'
import type { GaugeInstrument, Meter, Observed } from './metering.ts'
import type { Labels, MetricDeclaration } from './metric.ts'
import { bounded, introduction, labelTexts, line } from './prometheus-text.ts'

/** One value of a gauge. */
export type GaugeReading = { readonly labels: Labels; readonly value: number }

/** A gauge. */
export type Gauge = {
  /** Shows what `read` answers whenever somebody looks; the answer takes it away again. */
  collect(read: () => Iterable<GaugeReading>): () => void
  /** What it shows under these labels; the first one when several show the same. */
  value(labels: Labels): number | undefined
}

/** The gauge behind the interface. */
export class GaugeMetric implements Gauge {
  readonly #declaration: MetricDeclaration
  readonly #meter: ((scope?: string) => Meter | undefined) | undefined
  readonly #sources = new Set<() => Iterable<GaugeReading>>()

  constructor(
    declaration: MetricDeclaration,
    meter: ((scope?: string) => Meter | undefined) | undefined,
  ) {
    this.#declaration = declaration
    this.#meter = meter
  }

  collect(read: () => Iterable<GaugeReading>): () => void {
    this.#sources.add(read)
    const forget = this.#tell(read)
    return () => {
      this.#sources.delete(read)
      forget()
    }
  }

  value(labels: Labels): number | undefined {
    const { labels: names } = this.#declaration
    const wanted = keyOf(names, labels)
    return [...this.#readings()].find((one) => keyOf(names, one.labels) === wanted)?.value
  }

  isLike(other: MetricDeclaration): boolean {
    return String(this.#declaration.labels) === String(other.labels)
  }

  text(): string {
    const { name, labels: names } = this.#declaration
    let text = introduction(this.#declaration, 'gauge')
    const shown = new Set<string>()
    for (const { labels, value } of this.#readings()) {
      const values = names.map((label) => bounded(labels[label] ?? ''))
      const key = values.join('\0')
      // Two values of one series would be no text that Prometheus takes.
      if (shown.has(key) || shown.size === limits.metricSeriesMax) continue
      shown.add(key)
      text += line(name, labelTexts(names, values), value)
    }
    return text
  }

  *#readings(): Generator<GaugeReading> {
    for (const read of this.#sources) yield* attempted(read)
  }

  /** A meter that is there by now asks for the values itself. */
  #tell(read: () => Iterable<GaugeReading>): () => void {
    try {
      const { name, help, openTelemetry: known } = this.#declaration
      const meter = this.#meter?.(known?.meter)
      const options = { description: help, ...(known?.unit && { unit: known.unit }) }
      const gauge: GaugeInstrument | undefined = meter?.createObservableGauge?.(
        known?.name ?? name,
        options,
      )
      if (gauge === undefined) return () => undefined
      const observe = (result: Observed): void => {
        for (const { labels, value } of attempted(read)) result.observe(value, labels)
      }
      gauge.addCallback(observe)
      return () => gauge.removeCallback(observe)
    } catch {
      return () => undefined
    }
  }
}

function keyOf(names: readonly string[], labels: Labels): string {
  return names.map((name) => bounded(labels[name] ?? '')).join('\0')
}

function attempted(read: () => Iterable<GaugeReading>): readonly GaugeReading[] {
  try {
    return [...read()].filter(({ value }) => Number.isFinite(value))
  } catch {
    return []
  }
}
