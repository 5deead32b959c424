/**
 * What observes the library: metrics, spans, log events, and the hook that error texts pass before
 * they reach any of them.
 *
 * 1. A sink that throws is ignored: observing never changes what is observed.
 * 2. Nothing happens at import: no provider is installed, no file or connection is opened.
 */
import { messageOf } from '../errors.ts'
import { type LogEvent, type EventSink, stderrLog } from './log-event.ts'
import { MetricsRegistry } from './metrics-registry.ts'
import { openTelemetryMeter } from './open-telemetry-meter.ts'
import { openTelemetryTracer } from './open-telemetry.ts'
import { withoutSecrets } from './secrets.ts'
import type { Span, SpanError, Tracer } from './tracing.ts'

/** Takes a text that may hold personal data; gives what may be shown. */
export type Redact = (text: string, field: RedactedField) => string

/** What a text is: the text of an error, or a part of a message. */
export type RedactedField = 'error' | 'payload'

/** What a program may set. */
export type TelemetryOptions = {
  /** Default: {@link processMetrics}, which tells OpenTelemetry's meter when there is one. */
  readonly metrics?: MetricsRegistry | undefined
  /** Default: lines of JSON on standard error. `none` writes nothing. */
  readonly log?: EventSink | 'none' | undefined
  /** Default: OpenTelemetry's, when the program has registered one. `none` makes no spans. */
  readonly tracer?: Tracer | 'none' | undefined
  /**
   * Texts of errors and parts of messages pass it before they are logged or put on a span. Default:
   * as they are, without passwords and keys that can be told as such.
   */
  readonly redact?: Redact | undefined
}

/** Metrics, spans and log events, ready to be used: nothing in here throws. */
export type Telemetry = {
  readonly metrics: MetricsRegistry
  /** Writes an event. */
  log(event: LogEvent): void
  /** The tracer to use now, if there is one. */
  tracer(): Tracer | undefined
  /** An error as a span or a log line may show it. */
  describe(error: unknown): SpanError
  /** A text as a span or a log line may show it: secrets gone, and past the redaction hook. */
  shown(text: string, field: RedactedField): string
}

/** Puts the parts together. */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const { redact, tracer } = options
  const log = options.log === 'none' ? undefined : (options.log ?? defaultLog())
  const shown = (text: string, field: RedactedField): string => {
    const plain = withoutSecrets(text)
    // A hook that fails must not let the text through.
    return redact === undefined ? plain : (attempt(() => redact(plain, field)) ?? '[redacted]')
  }
  const guarded = tracer === undefined || tracer === 'none' ? undefined : guardedTracer(tracer)
  return {
    metrics: options.metrics ?? processMetrics(),
    log: (event) => {
      if (log !== undefined) attempt(() => log(event))
    },
    tracer: tracer === undefined ? () => attempt(openTelemetryTracer) : () => guarded,
    describe: (error) => {
      const message = attempt(() => messageOf(error)) ?? ''
      const type = attempt(() => typeOf(error)) ?? 'unknown'
      return { type, message: shown(message, 'error') }
    },
    shown,
  }
}

/** What is used where a program says nothing: one registry a process, stderr, OpenTelemetry. */
export function defaultTelemetry(): Telemetry {
  processTelemetry ??= createTelemetry()
  return processTelemetry
}

/** The metrics of this process: what {@link defaultTelemetry} counts into. */
export function processMetrics(): MetricsRegistry {
  processRegistry ??= new MetricsRegistry({ meter: openTelemetryMeter })
  return processRegistry
}

let processTelemetry: Telemetry | undefined
let processRegistry: MetricsRegistry | undefined
let processLog: EventSink | undefined

function defaultLog(): EventSink {
  processLog ??= stderrLog()
  return processLog
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

function typeOf(error: unknown): string {
  if (error instanceof Error) return error.name
  return error === null ? 'null' : typeof error
}

function guardedTracer(tracer: Tracer): Tracer {
  return {
    start: (name, parent, attributes) => {
      const span = attempt(() => tracer.start(name, parent, attributes))
      return span === undefined ? noSpan : guardedSpan(span)
    },
  }
}

function guardedSpan(span: Span): Span {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceFlags: span.traceFlags,
    set: (attributes) => attempt(() => span.set(attributes)),
    fail: (error) => attempt(() => span.fail(error)),
    end: () => attempt(() => span.end()),
    run: (work) => span.run(work),
  }
}

const noSpan: Span = Object.freeze({
  traceId: '',
  spanId: '',
  set: () => undefined,
  fail: () => undefined,
  end: () => undefined,
  run: <T>(work: () => T) => work(),
})
