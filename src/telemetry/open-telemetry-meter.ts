/**
 * The meter of the OpenTelemetry API when a program has registered a meter provider, found where that
 * API keeps its global state. Nothing is imported, so nothing breaks without the package.
 */
import { hasProperty } from './has-property.ts'
import type { Meter } from './metering.ts'
import { OPEN_TELEMETRY_API } from './open-telemetry.ts'

/** A meter of this process, or `undefined` when no meter provider is registered. */
export function openTelemetryMeter(scope = 'amends'): Meter | undefined {
  // Asked for at every count: mostly nobody has registered anything, and this is the quickest look.
  if (!(OPEN_TELEMETRY_API in globalThis)) return undefined
  const api: unknown = Reflect.get(globalThis, OPEN_TELEMETRY_API)
  if (!hasProperty(api, 'metrics') || !isProvider(api.metrics)) return undefined
  const provider = api.metrics
  let known = meters.get(provider)
  if (known === undefined) {
    known = new Map()
    meters.set(provider, known)
  }
  let meter = known.get(scope)
  if (meter === undefined) {
    meter = provider.getMeter(scope)
    known.set(scope, meter)
  }
  return meter
}

type MeterProvider = { getMeter(name: string): Meter }

const meters = new WeakMap<object, Map<string, Meter>>()

function isProvider(value: unknown): value is MeterProvider {
  return hasProperty(value, 'getMeter') && typeof value.getMeter === 'function'
}
