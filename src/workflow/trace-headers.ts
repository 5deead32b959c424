/** The W3C headers `traceparent` and `baggage`, written and read. */
import type { RemoteParent } from '../telemetry/tracing.ts'

/** `00-<trace id>-<span id>-<flags>`. */
export function traceparent({ traceId, spanId, traceFlags }: RemoteParent): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
}

/** The span a `traceparent` names; `undefined` for what is none. */
export function parseTraceparent(header: string): RemoteParent | undefined {
  const [, version, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(header.trim()) ?? []
  if (version === undefined || version === 'ff') return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
}

/** `key=value` pairs joined by commas, values percent-encoded. */
export function baggageHeader(baggage: Readonly<Record<string, string>>): string {
  return Object.entries(baggage)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join(',')
}

/** The pairs of a `baggage` header; properties of values and what cannot be read are left out. */
export function parseBaggage(header: string): Record<string, string> {
  const baggage: Record<string, string> = {}
  for (const member of header.split(',')) {
    const [pair = ''] = member.split(';')
    const at = pair.indexOf('=')
    if (at <= 0) continue
    const key = decoded(pair.slice(0, at).trim())
    const value = decoded(pair.slice(at + 1).trim())
    if (key !== undefined && value !== undefined) baggage[key] = value
  }
  return baggage
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
