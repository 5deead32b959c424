/** What a metric is called, and what it tells apart. */

/** Labels by name. A metric has the same ones for all its series. */
export type Labels = Readonly<Record<string, string>>

/** What a metric is. */
export type MetricDeclaration = {
  /** As Prometheus knows it. */
  readonly name: string
  /** One line for the reader of the text. */
  readonly help: string
  readonly labels: readonly string[]
  /** As OpenTelemetry knows it. Default: the same name, from the meter `amends`. */
  readonly openTelemetry?: ExportedName | undefined
}

/** The name of a metric in OpenTelemetry. */
export type ExportedName = {
  readonly name: string
  /** The meter it is taken from. */
  readonly meter: string
  /** As OpenTelemetry writes units, `s` or `1`. Default: none. */
  readonly unit?: string | undefined
}

/** What a histogram is. */
export type HistogramDeclaration = MetricDeclaration & {
  /** Upper bounds, ascending, without the last one, which is infinite. Default: {@link SECONDS}. */
  readonly buckets?: readonly number[] | undefined
}

/** Buckets for durations in seconds. */
export const SECONDS: readonly number[] = Object.freeze([
  0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
])

/** Buckets, in seconds, for what mostly takes less than a millisecond. */
export const SHORT_SECONDS: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  30,
])

/** Buckets for how many things go together. */
export const COUNTS: readonly number[] = Object.freeze([
  1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024,
])
