/** Watches calls of components that run elsewhere. */
import type { Clock } from '../../clock.ts'
import { grpcStatusOf } from '../../errors/client-error.ts'
import type { HistogramSeries, MetricsRegistry } from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { ComponentCaller } from '../services/remote/component-link.ts'
import { timed } from './declarations.ts'
import { KeptSeries } from './kept-series.ts'
import { WatchingPart } from './watching-part.ts'

/** See the top of this file. */
export class CallWatch {
  readonly #part: WatchingPart<ReturnType<typeof declare>>

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#part = new WatchingPart(telemetry, clock, declare)
  }

  /** The same calls of a component, watched; attempts at one that cannot be reached are one call. */
  caller(component: string, call: ComponentCaller): ComponentCaller {
    return async (method, request, correlationId, trace) => {
      const sinceMs = this.#part.nowMs()
      const series = this.#part.metrics.of(component, method.name)
      try {
        const answer = await call(method, request, correlationId, trace)
        series.of('OK').observe(this.#part.secondsSince(sinceMs))
        return answer
      } catch (error) {
        series.of(grpcStatusOf(error)).observe(this.#part.secondsSince(sinceMs))
        throw error
      }
    }
  }
}

function declare(metrics: MetricsRegistry): KeptSeries<KeptSeries<HistogramSeries>> {
  const seconds = metrics.histogram(
    timed('amends.component.call.duration', 'Calls of components elsewhere.', [
      'component',
      'method',
      'code',
    ]),
  )
  return new KeptSeries(
    (component, method) => new KeptSeries((code) => seconds.with({ component, method, code })),
  )
}
