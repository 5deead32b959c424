/**
 * What is seen of the undos of a durable run: the metrics and log events of document 003, into the
 * telemetry of the process. An undo that is tried again counts once, when it has ended.
 */
import { systemClock } from '../clock.ts'
import type { UndoInfo } from '../machine/bindings.ts'
import type { LogEvent } from '../telemetry/log-event.ts'
import { defaultTelemetry } from '../telemetry/telemetry.ts'
import type { CompiledStep } from './compile.ts'
import { compensationMetrics } from './compensation-metrics.ts'

/** Runs an undo, observed; what it throws is thrown. */
export async function observedUndo(
  step: CompiledStep,
  info: UndoInfo,
  reason: string,
  work: () => unknown,
): Promise<void> {
  const telemetry = defaultTelemetry()
  const { primitive, options } = step.scope
  const name = step.planned.name
  const startedMs = CLOCK.monotonicMs()
  const ids = { correlation_id: info.correlationId, execution_id: info.executionId }
  const log = (event: LogEvent): void => {
    if (options.logCompensations !== false) telemetry.log(event)
  }
  const started = { primitive, step: name, compensation_reason: reason, ...ids }
  const ended = (): number => {
    const durationMs = CLOCK.monotonicMs() - startedMs
    const { total, seconds } = compensationMetrics(telemetry.metrics)
    total.with({ primitive }).add()
    seconds.with({ step: name }).observe(durationMs / 1_000)
    return durationMs
  }
  if (info.attempt === 1) log({ event: 'compensation_started', level: 'warn', ...started })
  try {
    await work()
  } catch (error) {
    if (info.attempt >= step.node.undoRetry.maxAttempts) {
      compensationMetrics(telemetry.metrics).failures.with({ primitive }).add()
      const { type, message } = telemetry.describe(error)
      const failed = { ...started, duration_ms: ended(), error: message, error_type: type }
      log({ event: 'compensation_failed', level: 'error', ...failed })
    }
    throw error
  }
  const completed = { step: name, duration_ms: ended(), ...ids }
  log({ event: 'compensation_completed', level: 'info', ...completed })
}

const CLOCK = systemClock()
