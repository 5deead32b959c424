/** Telemetry that keeps everything it is told, for tests and for a look at one run. */
import type { LogEvent } from './log-event.ts'
import { MetricsRegistry } from './metrics-registry.ts'
import { createTelemetry, type Redact, type Telemetry } from './telemetry.ts'
import type { Attributes, RemoteParent, Span, SpanError } from './tracing.ts'

/** A span as it was recorded. */
export type RecordedSpan = {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly status: 'open' | 'ok' | 'error'
  readonly errors: readonly SpanError[]
}

/** What was recorded, in the order it began. */
export type RecordedTelemetry = Telemetry & {
  readonly spans: readonly RecordedSpan[]
  readonly events: readonly LogEvent[]
}

/** Makes telemetry that records, with a metrics registry of its own. */
export function recordTelemetry(
  options: { readonly redact?: Redact | undefined } = {},
): RecordedTelemetry {
  const spans: RecordedSpan[] = []
  const events: LogEvent[] = []
  const telemetry = createTelemetry({
    metrics: new MetricsRegistry(),
    redact: options.redact,
    log: (event) => void events.push(event),
    tracer: {
      start: (name, parent, attributes) => {
        const span = new Recording(name, spans.length + 1, parent, attributes)
        spans.push(span)
        return span
      },
    },
  })
  return { ...telemetry, spans, events }
}

class Recording implements Span, RecordedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly errors: SpanError[] = []
  attributes: Attributes
  status: 'open' | 'ok' | 'error' = 'open'
  #hasEnded = false

  constructor(
    name: string,
    number: number,
    parent: Span | RemoteParent | undefined,
    attributes: Attributes = {},
  ) {
    this.name = name
    this.spanId = number.toString(16).padStart(16, '0')
    this.traceId = parent?.traceId ?? number.toString(16).padStart(32, '0')
    this.parentSpanId = parent?.spanId
    this.attributes = attributes
  }

  set(attributes: Attributes): void {
    this.attributes = { ...this.attributes, ...attributes }
  }

  fail(error: SpanError): void {
    if (this.#hasEnded) return
    this.errors.push(error)
    this.status = 'error'
  }

  end(): void {
    this.#hasEnded = true
    if (this.status === 'open') this.status = 'ok'
  }

  run<T>(work: () => T): T {
    return work()
  }
}
