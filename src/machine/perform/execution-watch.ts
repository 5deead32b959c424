/**
 * What watches one execution for as long as it is at work in this process: telemetry, clock, and the
 * span around everything that is done for it here.
 *
 * 1. The span opens when something is first performed, and only when a tracer is there.
 * 2. An execution that leaves the process before its end ends its span there, failed if it unwinds.
 *    Another process, or the same one later, opens one of its own: spans are not journalled.
 */
import type { Clock } from '../../clock.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Span } from '../../telemetry/tracing.ts'
import type { Watching } from '../../telemetry/watching.ts'
import type { RootSpans } from '../bindings.ts'
import type { Failure } from '../journal.ts'

/** What a watch is made from. */
export type WatchOf = {
  readonly telemetry: Telemetry
  readonly clock: Clock
  /** The spans of the executable. */
  readonly spans: RootSpans | undefined
  readonly executionId: string
  readonly correlationId: string
}

/** See the head of this file. */
export class ExecutionWatch {
  readonly #of: WatchOf
  #spans: Span[] = []
  #watching: Watching | undefined

  constructor(of: WatchOf) {
    this.#of = of
  }

  /** What is handed to everything that is performed. */
  get watching(): Watching {
    this.#watching ??= this.#open()
    return this.#watching
  }

  /** It has ended, or leaves this process. What is performed after that opens a new span. */
  end(failure?: Failure | undefined): void {
    const { telemetry } = this.#of
    const error = failure && telemetry.describe(failure.error ?? new Error(failure.message))
    for (const span of this.#spans.toReversed()) {
      if (error !== undefined) span.fail(error)
      span.end()
    }
    this.#spans = []
    this.#watching = undefined
  }

  #open(): Watching {
    const { telemetry, clock, spans, executionId, correlationId } = this.#of
    const tracer = spans === undefined ? undefined : telemetry.tracer()
    const ids = { 'workflow.id': executionId, 'workflow.correlation_id': correlationId }
    for (const name of spans?.names ?? []) {
      const span = tracer?.start(name, this.#spans.at(-1), { ...spans?.attributes, ...ids })
      if (span !== undefined) this.#spans.push(span)
    }
    return { telemetry, clock, span: this.#spans.at(-1) }
  }
}
