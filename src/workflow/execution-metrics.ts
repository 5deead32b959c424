/** How often primitives run, how it ends, and how long it takes. */
import type {
  Counter,
  CounterSeries,
  Histogram,
  HistogramSeries,
} from '../telemetry/metrics-registry.ts'
import type { MetricsRegistry } from '../telemetry/metrics-registry.ts'

/** The series of one primitive. */
export type ExecutionSeries = {
  readonly completed: CounterSeries
  readonly failed: CounterSeries
  readonly seconds: HistogramSeries
}

/** The series of a primitive of this name. Hold on to it where speed matters. */
export function executionSeries(metrics: MetricsRegistry, primitive: string): ExecutionSeries {
  const { total, seconds } = executionMetrics(metrics)
  return {
    completed: total.with({ primitive, outcome: 'completed' }),
    failed: total.with({ primitive, outcome: 'failed' }),
    seconds: seconds.with({ primitive }),
  }
}

/** The metrics themselves. */
export function executionMetrics(metrics: MetricsRegistry): {
  readonly total: Counter
  readonly seconds: Histogram
} {
  return {
    total: metrics.counter({
      name: 'primitive_executions_total',
      help: 'Executions of a primitive by their outcome.',
      labels: ['primitive', 'outcome'],
    }),
    seconds: metrics.histogram({
      name: 'primitive_duration_seconds',
      help: 'Time an execution of a primitive takes.',
      labels: ['primitive'],
    }),
  }
}
