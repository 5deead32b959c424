/**
 * What the metrics of a coordinator are called. Names of the contract stand under the meter
 * `angzarr`, ours under `amends`; Prometheus has them with underscores, their unit and `_total`.
 */
import {
  COUNTS,
  type HistogramDeclaration,
  type MetricDeclaration,
  SHORT_SECONDS,
} from '../../telemetry/metric.ts'

/** A counter: `angzarr.storage.events.stored` is `angzarr_storage_events_stored_total`. */
export function counted(name: string, help: string, labels: readonly string[]): MetricDeclaration {
  const plain = underscored(name)
  return {
    name: plain.endsWith('_total') ? plain : `${plain}_total`,
    help,
    labels,
    openTelemetry: { name, meter: meterOf(name), unit: '1' },
  }
}

/** A histogram of seconds: `angzarr.command.duration` is `angzarr_command_duration_seconds`. */
export function timed(name: string, help: string, labels: readonly string[]): HistogramDeclaration {
  return {
    name: `${underscored(name)}_seconds`,
    help,
    labels,
    buckets: SHORT_SECONDS,
    openTelemetry: { name, meter: meterOf(name), unit: 's' },
  }
}

/** A histogram of how many. */
export function sized(name: string, help: string, labels: readonly string[]): HistogramDeclaration {
  return {
    name: underscored(name),
    help,
    labels,
    buckets: COUNTS,
    openTelemetry: { name, meter: meterOf(name), unit: '1' },
  }
}

/** A gauge; in seconds, bytes or plain numbers, as its unit says. */
export function shown(
  name: string,
  help: string,
  labels: readonly string[],
  unit: 's' | 'By' | '1' = '1',
): MetricDeclaration {
  const ending = unit === 's' ? '_seconds' : unit === 'By' ? '_bytes' : ''
  const openTelemetry = { name, meter: meterOf(name), unit }
  return { name: `${underscored(name)}${ending}`, help, labels, openTelemetry }
}

function underscored(name: string): string {
  return name.replaceAll('.', '_')
}

function meterOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}
