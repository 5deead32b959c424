/**
 * What is seen of the steps of a durable run: the spans, metrics and log events of document 003, into
 * the telemetry that the manager was given, else into that of the process. An undo that is tried again
 * counts once, when it has ended. A workflow inside another one has a root span of its own below that
 * of the outer one.
 */
import { systemClock } from '../clock.ts'
import type { AttemptInfo, UndoInfo } from '../machine/bindings.ts'
import type { LogEvent } from '../telemetry/log-event.ts'
import { defaultTelemetry } from '../telemetry/telemetry.ts'
import type { Attributes, Span } from '../telemetry/tracing.ts'
import type { WatchedPart, Watching } from '../telemetry/watching.ts'
import type { CompiledStep, Scope } from './compile.ts'
import { compensationMetrics } from './compensation-metrics.ts'

/** What watches a call: what its manager was given, or the process. */
function watchingOf({ watching }: AttemptInfo | UndoInfo): Watching {
  return watching ?? { telemetry: defaultTelemetry(), clock: CLOCK }
}

/** The span around the steps of a workflow, which may be inside another one. */
export function spanAround(
  scope: Scope,
  info: { readonly watching?: Watching | undefined },
): Span | undefined {
  const { watching } = info
  const part = partOf(scope)
  return part === undefined ? watching?.span : watching?.spanOf?.(part)
}

/** `undefined` for the outermost workflow: its span is that of the run. */
function partOf({ outer, path, spans, primitive, size }: Scope): WatchedPart | undefined {
  if (outer === undefined) return undefined
  const attributes = { 'compensation.primitive': primitive, 'compensation.total_steps': size }
  return { path, spans, attributes, outer: partOf(outer) }
}

/** Runs an operation inside its span, if there is a tracer; what it throws is thrown. */
export function observedStep(
  step: CompiledStep,
  info: AttemptInfo,
  work: (span: Span | undefined) => unknown,
): unknown {
  const name = step.forwardSpan
  return inSpan(step, { name, info, attributes: {} }, work)
}

/** Runs an undo, observed; what it throws is thrown. */
export async function observedUndo(
  step: CompiledStep,
  info: UndoInfo,
  reason: string,
  work: (span: Span | undefined) => unknown,
): Promise<void> {
  const { telemetry, clock } = watchingOf(info)
  const { primitive, options } = step.scope
  const name = step.planned.name
  const startedMs = clock.monotonicMs()
  const ids = { correlation_id: info.correlationId, execution_id: info.executionId }
  const log = (event: LogEvent): void => {
    if (options.logCompensations !== false) telemetry.log(event)
  }
  const started = { primitive, step: name, compensation_reason: reason, ...ids }
  const ended = (): number => {
    const durationMs = clock.monotonicMs() - startedMs
    const { total, seconds } = compensationMetrics(telemetry.metrics)
    total.with({ primitive }).add()
    seconds.with({ step: name }).observe(durationMs / 1_000)
    return durationMs
  }
  if (info.attempt === 1) log({ event: 'compensation_started', level: 'warn', ...started })
  try {
    const attributes = { 'compensation.reason': reason }
    await inSpan(step, { name: step.backwardSpan, info, attributes }, work)
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

type Observed = {
  readonly name: string
  readonly info: AttemptInfo | UndoInfo
  readonly attributes: Attributes
}

function inSpan(
  { scope, planned, index }: CompiledStep,
  { name, info, attributes }: Observed,
  work: (span: Span | undefined) => unknown,
): unknown {
  const { telemetry } = watchingOf(info)
  const tracer = telemetry.tracer()
  if (tracer === undefined) return work(undefined)
  const span = tracer.start(name, spanAround(scope, info), {
    'compensation.primitive': scope.primitive,
    'compensation.step': planned.name,
    'compensation.step_index': index,
    'compensation.total_steps': scope.size,
    'compensation.attempt': info.attempt,
    ...attributes,
  })
  const traced = async (): Promise<unknown> => {
    try {
      const value = await span.run(() => work(span))
      span.set({ 'compensation.status': 'success' })
      return value
    } catch (error) {
      span.fail(telemetry.describe(error))
      span.set({ 'compensation.status': 'error' })
      throw error
    } finally {
      span.end()
    }
  }
  return traced()
}

const CLOCK = systemClock()
