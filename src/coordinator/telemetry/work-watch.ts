/**
 * Watches the command path.
 *
 * 1. A piece of work is counted once, when it is answered, and timed from when it came.
 * 2. Nobody watching costs a command two readings of the clock and a few additions.
 */
import type { Clock } from '../../clock.ts'
import type {
  CounterSeries,
  HistogramSeries,
  MetricsRegistry,
} from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { traceparent } from '../../telemetry/trace-parent.ts'
import type { Attributes, Span } from '../../telemetry/tracing.ts'
import type { Work, WorkOutcome } from '../work.ts'
import { counted, timed } from './declarations.ts'
import { KeptSeries } from './kept-series.ts'
import { WatchingPart } from './watching-part.ts'

/** How a piece of work ended: as its outcome says, or with an error of the machinery. */
type Ending = WorkOutcome['kind'] | 'failed'

/** One piece of work as it is watched. */
export type WatchedWork = {
  readonly work: Work
  /** When it came, for the length of it. */
  readonly sinceMs: number
  /** Around it, if somebody traces. */
  readonly span: Span | undefined
}

type WorkMetrics = ReturnType<typeof declare>

/** See the top of this file. */
export class WorkWatch {
  readonly #part: WatchingPart<WorkMetrics>

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#part = new WatchingPart(telemetry, clock, declare)
  }

  /** Now, for `sinceMs`. */
  nowMs(): number {
    return this.#part.nowMs()
  }

  /** The span around a piece of work. */
  span(work: Work): Span | undefined {
    return this.#part.start(spanName(work), work.trace, () => attributesOf(work))
  }

  /** A span for a part of it. */
  partOf(span: Span | undefined, name: string): Span | undefined {
    return span === undefined ? undefined : this.#part.start(name, span)
  }

  /** A part of it went wrong. */
  partFailed(span: Span | undefined, error: unknown): void {
    this.#part.fail(span, error)
  }

  /** It has waited behind others of its stream until now. */
  waited({ work, sinceMs }: WatchedWork): void {
    this.#part.metrics.waits.of(work.key.domain).observe(this.#part.secondsSince(sinceMs))
  }

  /** The state it is decided on was in memory, or had to be loaded. */
  found({ work }: WatchedWork, state: 'hit' | 'miss'): void {
    this.#part.metrics.cache.of(work.key.domain, state).add()
  }

  /** What it was decided on was not stored: it is decided anew. */
  again({ work }: WatchedWork): void {
    this.#part.metrics.again.of(work.key.domain).add()
  }

  /** It is answered. */
  ended(watched: WatchedWork, outcome: WorkOutcome): void {
    this.#count(watched, outcome.kind)
    const { span } = watched
    if (span === undefined) return
    if (outcome.kind === 'rejected') span.fail(this.#part.telemetry.describe(outcome.error))
    span.set({ outcome: outcome.kind })
    span.end()
  }

  /** It has no answer. */
  failed(watched: WatchedWork, error: unknown): void {
    this.#count(watched, 'failed')
    this.#part.fail(watched.span, error)
  }

  #count({ work, sinceMs }: WatchedWork, ending: Ending): void {
    const { subject, key } = work
    const { metrics } = this.#part
    if (subject.kind === 'command') {
      const { total, seconds } = metrics.commands.of(key.domain, subject.command.type).of(ending)
      total.add()
      seconds.observe(this.#part.secondsSince(sinceMs))
    } else if (subject.kind === 'fact') metrics.facts.of(key.domain, ending).add()
  }
}

/** What the handler of a piece of work belongs to, as a `traceparent`. */
export function traceOfWork({ work, span }: WatchedWork): string | undefined {
  const parent = span ?? work.trace
  return parent === undefined ? undefined : traceparent(parent)
}

type CommandSeries = { readonly total: CounterSeries; readonly seconds: HistogramSeries }

function declare(metrics: MetricsRegistry): {
  /** By domain and type, then by outcome; the durations of all types of a domain are together. */
  readonly commands: KeptSeries<KeptSeries<CommandSeries>>
  readonly facts: KeptSeries<CounterSeries>
  readonly again: KeptSeries<CounterSeries>
  readonly waits: KeptSeries<HistogramSeries>
  readonly cache: KeptSeries<CounterSeries>
} {
  const commands = metrics.counter(
    counted('angzarr.command.total', 'Commands answered.', ['domain', 'type', 'outcome']),
  )
  const seconds = metrics.histogram(
    timed('angzarr.command.duration', 'From a command to its answer.', ['domain', 'outcome']),
  )
  const facts = metrics.counter(
    counted('amends.fact.total', 'Facts answered, by the book.', ['domain', 'outcome']),
  )
  const again = metrics.counter(
    counted('amends.command.retry.total', 'Decisions made anew after a conflict.', ['domain']),
  )
  const waits = metrics.histogram(
    timed('amends.mailbox.wait.duration', 'Waits behind others of a stream.', ['domain']),
  )
  const cache = metrics.counter(
    counted('amends.state.cache.total', 'States asked for.', ['domain', 'outcome']),
  )
  return {
    commands: new KeptSeries(
      (domain, type) =>
        new KeptSeries((outcome) => ({
          total: commands.with({ domain, type, outcome }),
          seconds: seconds.with({ domain, outcome }),
        })),
    ),
    facts: new KeptSeries((domain, outcome) => facts.with({ domain, outcome })),
    again: new KeptSeries((domain) => again.with({ domain })),
    waits: new KeptSeries((domain) => waits.with({ domain })),
    cache: new KeptSeries((domain, outcome) => cache.with({ domain, outcome })),
  }
}

function spanName({ subject }: Work): string {
  switch (subject.kind) {
    case 'command':
      return 'aggregate.execute'
    case 'fact':
      return 'aggregate.fact_inject'
    case 'rejection':
      return 'aggregate.handle_compensation'
    case 'trigger':
      return 'pm.handle'
  }
}

const STRATEGIES = ['COMMUTATIVE', 'STRICT', 'AGGREGATE_HANDLES', 'MANUAL']

function attributesOf({ key, correlationId, strategy, subject, idempotencyKey }: Work): Attributes {
  return {
    domain: key.domain,
    edition: key.edition,
    root_uuid: key.root,
    correlation_id: correlationId,
    ...(subject.kind === 'command'
      ? { merge_strategy: STRATEGIES[strategy] ?? '', type: subject.command.type }
      : {}),
    ...(subject.kind === 'fact' ? { external_id: idempotencyKey ?? '' } : {}),
  }
}
