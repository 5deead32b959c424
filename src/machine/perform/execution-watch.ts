/**
 * What watches one execution for as long as it is at work in this process: telemetry, clock, and the
 * span around everything that is done for it here.
 *
 * 1. The span opens when something is first performed, and only when a tracer is there.
 * 2. An execution that leaves the process before its end ends its span there, failed if it unwinds.
 *    Another process, or the same one later, opens one of its own: spans are not journalled.
 * 3. A part of it that has spans of its own ends them when nothing inside is open, and nothing can be
 *    because the execution goes forward; else with the execution. Undos that come later are below
 *    them all the same.
 */
import type { Clock } from '../../clock.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Span, SpanError } from '../../telemetry/tracing.ts'
import type { WatchedPart, Watching } from '../../telemetry/watching.ts'
import type { RootSpans } from '../bindings.ts'
import type { Failure } from '../journal.ts'
import type { ExecutionState } from '../state.ts'

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
  readonly #parts = new Map<string, OpenPart>()
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
    for (const [path, { spans, hasEnded }] of [...this.#parts].toReversed()) {
      if (!hasEnded)
        endAll(spans, failure?.path.startsWith(`${path}/`) === true ? error : undefined)
    }
    this.#parts.clear()
    endAll(this.#spans, error)
    this.#spans = []
    this.#watching = undefined
  }

  /** It has moved on: what is over inside ends. */
  turned({ open, unwinding }: ExecutionState): void {
    if (this.#parts.size === 0 || unwinding) return
    for (const [path, part] of this.#parts) {
      if (part.hasEnded || open.some((each) => each.startsWith(`${path}/`))) continue
      endAll(part.spans, undefined)
      part.hasEnded = true
    }
  }

  #open(): Watching {
    const { telemetry, clock, spans, executionId, correlationId } = this.#of
    const tracer = spans === undefined ? undefined : telemetry.tracer()
    const ids = { 'workflow.id': executionId, 'workflow.correlation_id': correlationId }
    for (const name of spans?.names ?? []) {
      const span = tracer?.start(name, this.#spans.at(-1), { ...spans?.attributes, ...ids })
      if (span !== undefined) this.#spans.push(span)
    }
    const root = this.#spans.at(-1)
    const spanOf = (part: WatchedPart): Span | undefined => {
      const known = this.#parts.get(part.path)
      if (known !== undefined || tracer === undefined) return known?.around
      let around = part.outer === undefined ? root : spanOf(part.outer)
      const opened: Span[] = []
      for (const name of part.spans) {
        around = tracer.start(name, around, { ...part.attributes, ...ids })
        opened.push(around)
      }
      this.#parts.set(part.path, { spans: opened, around, hasEnded: false })
      return around
    }
    return { telemetry, clock, span: root, spanOf }
  }
}

/** The spans of a part, and the innermost one that is around what is done there. */
type OpenPart = {
  readonly spans: readonly Span[]
  readonly around: Span | undefined
  hasEnded: boolean
}

function endAll(spans: readonly Span[], error: SpanError | undefined): void {
  for (const span of spans.toReversed()) {
    if (error !== undefined) span.fail(error)
    span.end()
  }
}
