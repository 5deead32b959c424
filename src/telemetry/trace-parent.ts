/** The W3C header `traceparent`, written and read. */
import { currentSpan } from './open-telemetry.ts'
import type { RemoteParent, TraceParent } from './tracing.ts'

/** The name of the header, and of the metadata of a gRPC call. */
export const TRACEPARENT_HEADER = 'traceparent'

/** `00-<trace id>-<span id>-<flags>`. */
export function traceparent({ traceId, spanId, traceFlags = 1 }: TraceParent): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
}

/** The span a `traceparent` names; `undefined` for what is none. */
export function parseTraceparent(header: string | undefined): RemoteParent | undefined {
  if (header === undefined || header === '') return undefined
  const [, version, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(header.trim()) ?? []
  if (version === undefined || version === 'ff') return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
}

/** The `traceparent` of the span that is current where this is called, if there is one. */
export function currentTraceparent(): string | undefined {
  const span = currentSpan()
  return span === undefined ? undefined : traceparent(span)
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/
