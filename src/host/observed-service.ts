/**
 * A service whose calls are timed and traced.
 *
 * 1. A call belongs to the trace that its metadata names; what its function begins belongs to the
 *    span `grpc` of the call, and the function reads that one where it asks for `traceparent`.
 * 2. Every call is counted under its status, also one that a guard refuses.
 */
import type { DescMethod } from '@bufbuild/protobuf'
import { isPromise } from '../awaitable.ts'
import { type Clock, systemClock } from '../clock.ts'
import { grpcStatusOf } from '../errors/client-error.ts'
import { ComponentSessionService } from '../proto/amends/component/v1/session_pb.ts'
import { SHORT_SECONDS } from '../telemetry/metric.ts'
import type { Histogram, HistogramSeries } from '../telemetry/metrics-registry.ts'
import { defaultTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { parseTraceparent, traceparent, TRACEPARENT_HEADER } from '../telemetry/trace-parent.ts'
import type { Span } from '../telemetry/tracing.ts'
import { CORRELATION_ID_HEADER } from '../wire/constants.ts'
import type { CallContext, GrpcService } from './grpc-service.ts'

/** Who observes. */
export type ObservingOptions = {
  /** Default: that of the process. */
  readonly telemetry?: Telemetry | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

type AnyFunction = (...args: never) => unknown
type Loose = (input: unknown, context: CallContext) => unknown

/** The same service, observed. */
export function observedService(service: GrpcService, options: ObservingOptions): GrpcService {
  const { telemetry = defaultTelemetry(), clock = systemClock() } = options
  // A session lasts as long as its component: what counts are the calls in it.
  if (service.schema.typeName === ComponentSessionService.typeName) return service
  const functions: Record<string, AnyFunction> = {}
  for (const method of service.schema.methods) {
    const run = service.functions[method.localName]
    if (run === undefined) continue
    const path = `${service.schema.typeName}/${method.name}`
    const watch = new MethodWatch(path, telemetry, clock)
    // The kind of the method says what its function takes, here as where it is called.
    functions[method.localName] = observed(method, run as Loose, watch)
  }
  return { schema: service.schema, functions }
}

function observed(method: DescMethod, run: Loose, watch: MethodWatch): AnyFunction {
  if (method.methodKind === 'unary' || method.methodKind === 'client_streaming') {
    return (input: unknown, context: CallContext) => {
      const call = watch.begin(context)
      const end = (answer: unknown): unknown => {
        call.end()
        return answer
      }
      const fail = (error: unknown): never => {
        call.fail(error)
        throw error
      }
      let answered: unknown
      try {
        answered = call.run(() => run(input, call.context))
      } catch (error) {
        return fail(error)
      }
      return isPromise(answered) ? answered.then(end, fail) : end(answered)
    }
  }
  return async function* (input: unknown, context: CallContext) {
    const call = watch.begin(context)
    try {
      // A function of this kind answers with a stream.
      yield* call.run(() => run(input, call.context)) as AsyncIterable<unknown>
    } catch (error) {
      call.fail(error)
      throw error
    } finally {
      // A reader that leaves has had what it wanted.
      call.end()
    }
  }
}

/** Watches one method of a service. */
class MethodWatch {
  readonly path: string
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly #series = new Map<string, HistogramSeries>()
  #generation = -1

  constructor(path: string, telemetry: Telemetry, clock: Clock) {
    this.path = path
    this.telemetry = telemetry
    this.clock = clock
  }

  begin(context: CallContext): ObservedCall {
    return new ObservedCall(this, context, this.#span(context))
  }

  #span(context: CallContext): Span | undefined {
    const tracer = this.telemetry.tracer()
    if (tracer === undefined) return undefined
    const parent = parseTraceparent(context.metadata(TRACEPARENT_HEADER))
    const correlationId = context.metadata(CORRELATION_ID_HEADER) ?? ''
    return tracer.start('grpc', parent, { path: this.path, correlation_id: correlationId })
  }

  count(code: string, seconds: number): void {
    const { metrics } = this.telemetry
    if (metrics.generation !== this.#generation) {
      this.#generation = metrics.generation
      this.#series.clear()
    }
    let series = this.#series.get(code)
    if (series === undefined) {
      series = servedSeconds(this.telemetry).with({ method: this.path, code })
      this.#series.set(code, series)
    }
    series.observe(seconds)
  }
}

/** One call under way. */
class ObservedCall {
  readonly context: CallContext
  readonly #watch: MethodWatch
  readonly #span: Span | undefined
  readonly #sinceMs: number
  #isOpen = true

  constructor(watch: MethodWatch, context: CallContext, span: Span | undefined) {
    this.#watch = watch
    this.#span = span
    this.#sinceMs = watch.clock.monotonicMs()
    this.context = span === undefined ? context : new PlacedCall(context, traceparent(span))
  }

  run<T>(work: () => T): T {
    return this.#span === undefined ? work() : this.#span.run(work)
  }

  end(): void {
    this.#count('OK')
    this.#span?.end()
  }

  fail(error: unknown): void {
    this.#count(grpcStatusOf(error))
    this.#span?.fail(this.#watch.telemetry.describe(error))
    this.#span?.end()
  }

  #count(code: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#watch.count(code, (this.#watch.clock.monotonicMs() - this.#sinceMs) / 1_000)
  }
}

/** A call as its function sees it: its place in the trace is the span around it. */
class PlacedCall implements CallContext {
  readonly #of: CallContext
  readonly #traceparent: string

  constructor(of: CallContext, place: string) {
    this.#of = of
    this.#traceparent = place
  }

  get signal(): AbortSignal {
    return this.#of.signal
  }
  get deadlineMs(): number {
    return this.#of.deadlineMs
  }
  get peer(): string {
    return this.#of.peer
  }
  metadata(name: string): string | undefined {
    return name === TRACEPARENT_HEADER ? this.#traceparent : this.#of.metadata(name)
  }
}

function servedSeconds({ metrics }: Telemetry): Histogram {
  return metrics.histogram({
    name: 'amends_grpc_served_duration_seconds',
    help: 'gRPC calls answered.',
    labels: ['method', 'code'],
    buckets: SHORT_SECONDS,
    openTelemetry: { name: 'amends.grpc.served.duration', meter: 'amends', unit: 's' },
  })
}
