/**
 * The traces that events belong to. They are kept beside the events of this process, not in the
 * ledger: what is read back from there begins a trace of its own.
 */
import type { StoredEvent } from '../../ledger/ledger.ts'
import { traceparent } from '../../telemetry/trace-parent.ts'
import type { TraceParent } from '../../telemetry/tracing.ts'

const traces = new WeakMap<StoredEvent, string>()

/** Notes what stored these events. */
export function noteTrace(events: readonly StoredEvent[], trace: TraceParent): void {
  const text = traceparent(trace)
  for (const event of events) traces.set(event, text)
}

/** The `traceparent` of what stored an event. */
export function traceOf(event: StoredEvent): string | undefined {
  return traces.get(event)
}
