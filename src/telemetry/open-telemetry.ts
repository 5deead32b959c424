/**
 * Spans through the OpenTelemetry API when a program has set one up, found where that API keeps its
 * global state. Nothing is imported, so nothing breaks without the package.
 */
import { hasProperty } from './has-property.ts'
import type { Attributes, RemoteParent, Span, SpanError, Tracer } from './tracing.ts'

/** The tracer of this process, or `undefined` when no tracer provider is registered. */
export function openTelemetryTracer(): Tracer | undefined {
  // Asked for at every run: mostly nobody has registered anything, and this is the quickest look.
  if (!(OPEN_TELEMETRY_API in globalThis)) return undefined
  const api: unknown = Reflect.get(globalThis, OPEN_TELEMETRY_API)
  if (api === undefined) return undefined
  if (!isApi(api) || api.trace === undefined) return undefined
  const known = tracers.get(api.trace)
  if (known !== undefined) return known
  const { context } = api
  const tracer = adapted(api.trace.getTracer('amends'), () => context)
  tracers.set(api.trace, tracer)
  return tracer
}

/** The span that is current where this is called, if the program keeps contexts. */
export function currentSpan(): RemoteParent | undefined {
  if (!(OPEN_TELEMETRY_API in globalThis)) return undefined
  const api: unknown = Reflect.get(globalThis, OPEN_TELEMETRY_API)
  if (api === undefined || !isApi(api)) return undefined
  const span = api.context?.active().getValue(SPAN)
  return isSpan(span) ? span.spanContext() : undefined
}

function isSpan(value: unknown): value is Pick<ApiSpan, 'spanContext'> {
  return hasProperty(value, 'spanContext') && typeof value.spanContext === 'function'
}

/** Where version 1 of the API keeps what was registered with it. */
export const OPEN_TELEMETRY_API: unique symbol = Symbol.for('opentelemetry.js.api.1')
/** Under this key a context of the API holds the current span. */
const SPAN: symbol = Symbol.for('OpenTelemetry Context Key SPAN')
const OK = 1
const ERROR = 2
const tracers = new WeakMap<object, Tracer>()

// The few members of the API that are used here.
type Api = { readonly trace?: TracerProvider; readonly context?: ContextManager }
type TracerProvider = { getTracer(name: string): ApiTracer }
type ApiTracer = {
  startSpan(name: string, options: { attributes?: Attributes }, context: ApiContext): ApiSpan
}
type SpanContext = {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly isRemote?: boolean
}
type ApiSpan = {
  spanContext(): SpanContext
  setAttributes(attributes: Attributes): unknown
  setStatus(status: { code: number; message?: string }): unknown
  recordException(error: { name: string; message: string }): void
  end(): void
}
type ApiContext = {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): ApiContext
  deleteValue(key: symbol): ApiContext
}
type ContextManager = {
  active(): ApiContext
  with<T>(context: ApiContext, work: () => T): T
}

function isApi(value: unknown): value is Api {
  if (!hasProperty(value, 'trace')) return true
  return value.trace === undefined || hasProperty(value.trace, 'getTracer')
}

function adapted(tracer: ApiTracer, manager: () => ContextManager | undefined): Tracer {
  return {
    start: (name, parent, attributes) => {
      const active = manager()?.active() ?? emptyContext()
      const context = parent === undefined ? active : active.setValue(SPAN, asApiSpan(parent))
      const span = tracer.startSpan(name, attributes === undefined ? {} : { attributes }, context)
      return new AdaptedSpan(span, context.setValue(SPAN, span), manager())
    },
  }
}

class AdaptedSpan implements Span {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly api: ApiSpan
  readonly #context: ApiContext
  readonly #manager: ContextManager | undefined
  #state: 'open' | 'failed' | 'ended' = 'open'

  constructor(api: ApiSpan, context: ApiContext, manager: ContextManager | undefined) {
    const { traceId, spanId, traceFlags } = api.spanContext()
    this.traceId = traceId
    this.spanId = spanId
    this.traceFlags = traceFlags
    this.api = api
    this.#context = context
    this.#manager = manager
  }

  set(attributes: Attributes): void {
    this.api.setAttributes(attributes)
  }

  fail(error: SpanError): void {
    if (this.#state !== 'open') return
    this.#state = 'failed'
    this.api.recordException({ name: error.type, message: error.message })
    this.api.setStatus({ code: ERROR, message: error.message })
  }

  end(): void {
    if (this.#state === 'ended') return
    if (this.#state === 'open') this.api.setStatus({ code: OK })
    this.#state = 'ended'
    this.api.end()
  }

  run<T>(work: () => T): T {
    return this.#manager === undefined ? work() : this.#manager.with(this.#context, work)
  }
}

function asApiSpan(parent: Span | RemoteParent): unknown {
  if (parent instanceof AdaptedSpan) return parent.api
  const { traceId, spanId } = parent
  const traceFlags = parent.traceFlags ?? 1
  const remote: SpanContext = { traceId, spanId, traceFlags, isRemote: true }
  return { spanContext: () => remote, isRecording: () => false }
}

/** A context for programs that registered a tracer but nothing that keeps contexts. */
function emptyContext(values: ReadonlyMap<symbol, unknown> = new Map()): ApiContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => emptyContext(new Map(values).set(key, value)),
    deleteValue: (key) => emptyContext(new Map([...values].filter(([other]) => other !== key))),
  }
}
