/** What the library needs of a tracer: spans with parents, attributes, a status and an end. */

/** Attributes of a span. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** One span. Everything after `end` has no effect. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** Flags of the W3C header: 1 when it is recorded. Default 1. */
  readonly traceFlags?: number | undefined
  set(attributes: Attributes): void
  /** Marks the span as failed and records the error, once. */
  fail(error: SpanError): void
  /** Ends it; a span that has not failed is marked as good. */
  end(): void
  /** Calls back with this span as the current one, so that spans made in there are its children. */
  run<T>(work: () => T): T
}

/** An error as spans know it; the text has passed the redaction hook. */
export type SpanError = { readonly type: string; readonly message: string }

/** The span of a caller in another process. */
export type RemoteParent = {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

/** What something may belong to: a span of this process, or of another one. */
export type TraceParent = Span | RemoteParent

/** Makes spans. */
export interface Tracer {
  /** Starts a span; without a parent it belongs to the span that is current, if there is one. */
  start(name: string, parent?: Span | RemoteParent | undefined, attributes?: Attributes): Span
}
