/** The metrics of document 003. */
import type { Counter, Histogram, MetricsRegistry } from '../telemetry/metrics-registry.ts'

/** Declares them in a registry, or finds them. */
export function compensationMetrics(metrics: MetricsRegistry): CompensationMetrics {
  const known = declared.get(metrics)
  if (known?.generation === metrics.generation) return known
  const made = {
    generation: metrics.generation,
    total: metrics.counter({
      name: 'compensation_total',
      help: 'Compensations that ran.',
      labels: ['primitive'],
    }),
    failures: metrics.counter({
      name: 'compensation_failures_total',
      help: 'Compensations that failed for good.',
      labels: ['primitive'],
    }),
    seconds: metrics.histogram({
      name: 'compensation_duration_seconds',
      help: 'Time a compensation takes, by the step it undoes.',
      labels: ['step'],
    }),
  }
  declared.set(metrics, made)
  return made
}

/** See {@link compensationMetrics}. */
export type CompensationMetrics = {
  /** Of the registry they were declared in. */
  readonly generation: number
  /** `compensation_total{primitive}`: compensations that ran to an end, good or bad. */
  readonly total: Counter
  /** `compensation_failures_total{primitive}` */
  readonly failures: Counter
  /** `compensation_duration_seconds{step}`, by the name of the operation. */
  readonly seconds: Histogram
}

const declared = new WeakMap<MetricsRegistry, CompensationMetrics>()
