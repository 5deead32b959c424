/**
 * Watches what clients ask for: what is refused before anything runs, queries and streams, and how
 * long requests wait for what they bring about.
 */
import type { Clock } from '../../clock.ts'
import { codeOf } from '../../errors.ts'
import type {
  CounterSeries,
  HistogramSeries,
  MetricsRegistry,
} from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Span, TraceParent } from '../../telemetry/tracing.ts'
import { counted, timed } from './declarations.ts'
import { KeptSeries } from './kept-series.ts'
import { parentIn, WatchingPart } from './watching-part.ts'

/** What a client may ask for. */
export type RequestKind = 'command' | 'fact'

type RequestMetrics = ReturnType<typeof declare>

/** See the top of this file. */
export class RequestWatch {
  readonly #part: WatchingPart<RequestMetrics>
  #streams = 0

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#part = new WatchingPart(telemetry, clock, declare)
  }

  /** Streams that are read at the moment. */
  get streamsOpen(): number {
    return this.#streams
  }

  /** Checks a request; what is refused is counted by its code, and nothing else of it. */
  checked<T>(kind: RequestKind, check: () => T): T {
    try {
      return check()
    } catch (error) {
      this.#part.metrics.refused.of(kind, codeOf(error)).add()
      throw error
    }
  }

  /** Where a request belongs to: the span of its caller, or a new one of this name around it. */
  request<T>(
    name: 'aggregate.handle_command' | 'aggregate.handle_event',
    carried: string | undefined,
    run: (trace: TraceParent | undefined) => Promise<T>,
  ): Promise<T> {
    const parent = parentIn(carried)
    const span = this.#part.start(name, parent)
    return span === undefined ? run(parent) : this.#inside(span, run)
  }

  /** Waits for what a request brings about. */
  async waited<T>(
    mode: string,
    trace: TraceParent | undefined,
    wait: () => Promise<T>,
  ): Promise<T> {
    const sinceMs = this.#part.nowMs()
    let outcome = 'failed'
    try {
      const answer = await this.#part.within('aggregate.post_persist', trace, wait)
      outcome = 'completed'
      return answer
    } finally {
      this.#part.metrics.waits.of(mode, outcome).observe(this.#part.secondsSince(sinceMs))
    }
  }

  /** Answers a query, or tries something. */
  async query<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const sinceMs = this.#part.nowMs()
    try {
      const answer = await run()
      this.#queried(operation, 'completed', sinceMs)
      return answer
    } catch (error) {
      this.#queried(operation, codeOf(error) || 'failed', sinceMs)
      throw error
    }
  }

  /** Answers with many; what its reader does between them is not counted. */
  async *stream<T>(operation: string, open: () => AsyncIterable<T>): AsyncGenerator<T> {
    this.#streams++
    const series = this.#part.metrics.streamed.of(operation)
    try {
      for await (const item of open()) {
        series.add()
        yield item
      }
    } finally {
      this.#streams--
    }
  }

  async #inside<T>(span: Span, run: (trace: TraceParent | undefined) => Promise<T>): Promise<T> {
    try {
      const answer = await span.run(() => run(span))
      span.end()
      return answer
    } catch (error) {
      this.#part.fail(span, error)
      throw error
    }
  }

  #queried(operation: string, outcome: string, sinceMs: number): void {
    this.#part.metrics.queries.of(operation, outcome).observe(this.#part.secondsSince(sinceMs))
  }
}

function declare(metrics: MetricsRegistry): {
  readonly refused: KeptSeries<CounterSeries>
  readonly queries: KeptSeries<HistogramSeries>
  readonly streamed: KeptSeries<CounterSeries>
  readonly waits: KeptSeries<HistogramSeries>
} {
  const refused = metrics.counter(
    counted('amends.request.refused.total', 'Requests refused before anything ran.', [
      'operation',
      'code',
    ]),
  )
  const queries = metrics.histogram(
    timed('amends.query.duration', 'Queries and speculation.', ['operation', 'outcome']),
  )
  const streamed = metrics.counter(
    counted('amends.stream.events.total', 'Books given to readers of streams.', ['operation']),
  )
  const waits = metrics.histogram(
    timed('amends.sync.wait.duration', 'Waits of requests for their consequences.', [
      'mode',
      'outcome',
    ]),
  )
  return {
    refused: new KeptSeries((operation, code) => refused.with({ operation, code })),
    queries: new KeptSeries((operation, outcome) => queries.with({ operation, outcome })),
    streamed: new KeptSeries((operation) => streamed.with({ operation })),
    waits: new KeptSeries((mode, outcome) => waits.with({ mode, outcome })),
  }
}
