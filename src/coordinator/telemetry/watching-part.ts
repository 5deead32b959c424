/** What the watchers of a coordinator share: a clock, a tracer, and metrics that are found once. */
import type { Clock } from '../../clock.ts'
import type { MetricsRegistry } from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { parseTraceparent } from '../../telemetry/trace-parent.ts'
import type { Attributes, RemoteParent, Span, TraceParent } from '../../telemetry/tracing.ts'

/** See the top of this file. `M` are the metrics that one watcher counts into. */
export class WatchingPart<M> {
  readonly telemetry: Telemetry
  readonly #clock: Clock
  readonly #declare: (metrics: MetricsRegistry) => M
  #generation: number
  #metrics: M

  constructor(telemetry: Telemetry, clock: Clock, declare: (metrics: MetricsRegistry) => M) {
    this.telemetry = telemetry
    this.#clock = clock
    this.#declare = declare
    this.#generation = telemetry.metrics.generation
    this.#metrics = declare(telemetry.metrics)
  }

  /** Declared again when the registry has forgotten everything. */
  get metrics(): M {
    const { metrics } = this.telemetry
    if (metrics.generation !== this.#generation) {
      this.#generation = metrics.generation
      this.#metrics = this.#declare(metrics)
    }
    return this.#metrics
  }

  /** A reading for {@link secondsSince}. */
  nowMs(): number {
    return this.#clock.monotonicMs()
  }

  secondsSince(ms: number): number {
    return (this.#clock.monotonicMs() - ms) / 1_000
  }

  /** A span, if somebody traces. */
  start(
    name: string,
    parent: TraceParent | undefined,
    attributes?: () => Attributes,
  ): Span | undefined {
    return this.telemetry.tracer()?.start(name, parent, attributes?.())
  }

  /** Ends a span as failed. */
  fail(span: Span | undefined, error: unknown): void {
    if (span === undefined) return
    span.fail(this.telemetry.describe(error))
    span.end()
  }

  /** Runs work inside a span of its own, if somebody traces. */
  async within<T>(
    name: string,
    parent: TraceParent | undefined,
    work: (span: Span | undefined) => Promise<T>,
  ): Promise<T> {
    const span = this.start(name, parent)
    if (span === undefined) return await work(undefined)
    try {
      const answer = await span.run(() => work(span))
      span.end()
      return answer
    } catch (error) {
      this.fail(span, error)
      throw error
    }
  }
}

/** The place in its trace that a message carries. */
export function parentIn(carried: string | undefined): RemoteParent | undefined {
  return parseTraceparent(carried)
}
