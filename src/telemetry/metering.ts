/** What the library needs of a meter: instruments that take what its own registry counts. */

/** Makes instruments; of one name it is asked once. The meters of OpenTelemetry fit. */
export interface Meter {
  createCounter(name: string, options: InstrumentOptions): CounterInstrument
  createHistogram(name: string, options: InstrumentOptions): HistogramInstrument
  /** Gauges are not told where it is missing. */
  createObservableGauge?(name: string, options: InstrumentOptions): GaugeInstrument
}

/** What is said of an instrument. */
export type InstrumentOptions = {
  readonly description?: string
  readonly unit?: string
  /** Of histograms: the bounds of their buckets. */
  readonly advice?: { readonly explicitBucketBoundaries?: number[] }
}

/** Labels by name. */
type Attributes = Readonly<Record<string, string>>

/** Takes what is counted. */
export type CounterInstrument = { add(value: number, attributes: Attributes): void }

/** Takes what is observed. */
export type HistogramInstrument = { record(value: number, attributes: Attributes): void }

/** Takes values when the meter asks for them. */
export type Observed = { observe(value: number, attributes: Attributes): void }

/** Asks for values. */
export type GaugeInstrument = {
  addCallback(callback: (result: Observed) => void): void
  removeCallback(callback: (result: Observed) => void): void
}
