/**
 * Watches the components that react: sagas, process managers and projectors.
 *
 * 1. A reaction is timed from when its handler is asked to when what it decided is stored; an attempt
 *    that fails counts as failed, and each further one is a retry.
 * 2. A reaction belongs to the trace of the event it reacts to, and what it emits belongs to the
 *    reaction: deliveries carry the place in the trace, also over a restart.
 */
import type { Clock } from '../../clock.ts'
import type { StoredEvent } from '../../ledger/ledger.ts'
import type {
  CounterSeries,
  HistogramSeries,
  MetricsRegistry,
} from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { traceparent } from '../../telemetry/trace-parent.ts'
import type { Delivery } from '../delivery.ts'
import type { ReactiveEndpoint } from '../reactive-endpoint.ts'
import { originOf, type Trigger } from '../trigger.ts'
import { counted, timed } from './declarations.ts'
import { traceOf } from './event-trace.ts'
import { KeptSeries } from './kept-series.ts'
import { parentIn, WatchingPart } from './watching-part.ts'

type ReactionMetrics = ReturnType<typeof declare>
type Kind = 'saga' | 'process_manager' | 'projector'

/** See the top of this file. */
export class ReactionWatch {
  readonly #part: WatchingPart<ReactionMetrics>

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#part = new WatchingPart(telemetry, clock, declare)
  }

  /** Runs a reaction, told of its place in the trace. `carried` is that of a rejection. */
  async reaction<T>(
    { kind, name }: Pick<ReactiveEndpoint, 'kind' | 'name'>,
    trigger: Trigger,
    carried: string | undefined,
    run: (trace: string | undefined) => Promise<T>,
  ): Promise<T> {
    const given = trigger.kind === 'event' ? traceOf(trigger.event) : carried
    const prefix = kind === 'saga' ? 'saga' : 'pm'
    const { correlationId, key, sequence } = originOf(trigger)
    const span = this.#part.start(`${prefix}.orchestrate`, parentIn(given), () => ({
      name,
      correlation_id: correlationId,
      domain: key.domain,
      root_uuid: key.root,
      sequence,
    }))
    const series = this.#part.metrics.reactions[kind]
    const sinceMs = this.#part.nowMs()
    try {
      const answer = await run(span === undefined ? given : traceparent(span))
      series.of(name, 'completed').observe(this.#part.secondsSince(sinceMs))
      span?.end()
      return answer
    } catch (error) {
      series.of(name, 'failed').observe(this.#part.secondsSince(sinceMs))
      this.#part.fail(span, error)
      throw error
    }
  }

  /** Runs the handler of a saga. */
  async sagaHandler<T>(
    trace: string | undefined,
    run: (trace: string | undefined) => Promise<T>,
  ): Promise<T> {
    return await this.#part.within('saga.handle', parentIn(trace), (span) =>
      run(span === undefined ? trace : traceparent(span)),
    )
  }

  /** Has an event projected; an answer that is there at once is not waited for. */
  projected<T>(
    name: string,
    event: StoredEvent,
    run: () => undefined | Promise<T>,
  ): undefined | Promise<T> {
    const sinceMs = this.#part.nowMs()
    const span = this.#part.start('projector.handle', parentIn(traceOf(event)), () => ({
      name,
      correlation_id: event.correlationId,
      domain: event.key.domain,
      root_uuid: event.key.root,
      sequence: event.sequence,
    }))
    const ended = (): void => {
      this.#projection(name, 'completed', sinceMs)
      span?.end()
    }
    const failed = (error: unknown): never => {
      this.#projection(name, 'failed', sinceMs)
      this.#part.fail(span, error)
      throw error
    }
    try {
      const projecting = span === undefined ? run() : span.run(run)
      if (projecting !== undefined) {
        return projecting.then((answer) => {
          ended()
          return answer
        }, failed)
      }
      ended()
      return undefined
    } catch (error) {
      return failed(error)
    }
  }

  /** A message is tried again. */
  retried(kind: Kind, name: string, trace?: string): void {
    const { metrics } = this.#part
    if (kind !== 'saga') metrics.retries.of(name).add()
    else {
      metrics.sagaRetries.of(name).add()
      this.#part.start('saga.retry', parentIn(trace), () => ({ name }))?.end()
    }
  }

  /** Brings a message to its target. `run` is given it with its place in the trace. */
  async delivery<T>(delivery: Delivery, run: (delivery: Delivery) => Promise<T>): Promise<T> {
    const { component, parcel, origin } = delivery
    const span = this.#part.start('orchestration.execute', parentIn(delivery.traceparent), () => ({
      component,
      kind: parcel.kind,
      correlation_id: origin.correlationId,
    }))
    const sinceMs = this.#part.nowMs()
    const series = this.#part.metrics.deliveries.of(component, parcel.kind)
    try {
      const answer = await run(
        span === undefined ? delivery : { ...delivery, traceparent: traceparent(span) },
      )
      series.of('settled').observe(this.#part.secondsSince(sinceMs))
      if (parcel.kind === 'rejection-to-source')
        this.#part.metrics.compensations.of(component).add()
      span?.end()
      return answer
    } catch (error) {
      series.of('failed').observe(this.#part.secondsSince(sinceMs))
      this.#part.fail(span, error)
      throw error
    }
  }

  #projection(name: string, outcome: string, sinceMs: number): void {
    this.#part.metrics.reactions.projector
      .of(name, outcome)
      .observe(this.#part.secondsSince(sinceMs))
  }
}

function declare(metrics: MetricsRegistry): {
  readonly reactions: Readonly<Record<Kind, KeptSeries<HistogramSeries>>>
  readonly sagaRetries: KeptSeries<CounterSeries>
  readonly retries: KeptSeries<CounterSeries>
  readonly compensations: KeptSeries<CounterSeries>
  readonly deliveries: KeptSeries<KeptSeries<HistogramSeries>>
} {
  const reactions = (name: string, help: string): KeptSeries<HistogramSeries> => {
    const histogram = metrics.histogram(timed(name, help, ['name', 'outcome']))
    return new KeptSeries((value, outcome) => histogram.with({ name: value, outcome }))
  }
  const counter = (name: string, help: string): KeptSeries<CounterSeries> => {
    const declared = metrics.counter(counted(name, help, ['name']))
    return new KeptSeries((value) => declared.with({ name: value }))
  }
  const deliveries = metrics.histogram(
    timed('amends.delivery.duration', 'Attempts to bring a message to its target.', [
      'component',
      'kind',
      'outcome',
    ]),
  )
  return {
    reactions: {
      saga: reactions('angzarr.saga.duration', 'Reactions of sagas.'),
      process_manager: reactions('angzarr.pm.duration', 'Reactions of process managers.'),
      projector: reactions('angzarr.projector.duration', 'Events projected.'),
    },
    sagaRetries: counter('angzarr.saga.retry.total', 'Messages of sagas tried again.'),
    retries: counter('amends.component.retry.total', 'Messages of others tried again.'),
    compensations: counter(
      'angzarr.saga.compensation.total',
      'Rejected commands whose source was told to compensate.',
    ),
    deliveries: new KeptSeries(
      (component, kind) =>
        new KeptSeries((outcome) => deliveries.with({ component, kind, outcome })),
    ),
  }
}
