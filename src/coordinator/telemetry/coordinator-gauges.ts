/** What a coordinator shows whenever somebody looks at its metrics. */
import { type Clock, type Nanoseconds, NANOSECONDS_PER_MS } from '../../clock.ts'
import type { GaugeReading } from '../../telemetry/gauge.ts'
import type { MetricsRegistry } from '../../telemetry/metrics-registry.ts'
import type { ComponentStatus } from '../coordinator.ts'
import { shown, sized } from './declarations.ts'

/** A component with when the oldest of what it has to do was stored. */
export type ComponentLoad = ComponentStatus & { readonly oldest: Nanoseconds | undefined }

/** Where the values come from. */
export type GaugeSources = {
  readonly clock: Clock
  readonly load: () => readonly ComponentLoad[]
  readonly cascadesPending: () => number
  readonly streamsOpen: () => number
  readonly stateBytes: () => number
}

/** Shows them; the answer takes them away again. */
export function showGauges(metrics: MetricsRegistry, sources: GaugeSources): () => void {
  const { clock, load, cascadesPending, streamsOpen, stateBytes } = sources
  const each = (
    name: string,
    help: string,
    valueOf: (component: ComponentLoad) => number,
    unit: 's' | '1' = '1',
  ): (() => void) =>
    metrics
      .gauge(shown(name, help, ['component'], unit))
      .collect(() =>
        load().map((one) => ({ labels: { component: one.name }, value: valueOf(one) })),
      )
  const one = (name: string, help: string, value: () => number, unit: 'By' | '1' = '1') =>
    metrics
      .gauge(shown(name, help, [], unit))
      .collect((): readonly GaugeReading[] => [{ labels: {}, value: value() }])
  const ends = [
    each('amends.component.lag', 'Events that it has not dealt with.', ({ lag }) => lag),
    each(
      'amends.component.oldest.age',
      'Age of the oldest event or delivery that is open.',
      ({ oldest }) => (oldest === undefined ? 0 : secondsBetween(oldest, clock.wall())),
      's',
    ),
    each('amends.component.parked', 'Keys behind a dead letter.', ({ parkedKeys }) => parkedKeys),
    each('amends.component.running', '1 while it runs here.', ({ state }) =>
      state === 'running' ? 1 : 0,
    ),
    one('amends.cascades.pending', 'Cascades with pages that are not resolved.', cascadesPending),
    one('amends.streams.open', 'Streams of books that are read.', streamsOpen),
    one('amends.state.cache', 'Estimated size of the states in memory.', stateBytes, 'By'),
  ]
  return () => ends.forEach((end) => end())
}

/** Counts the writes that a ledger brings to disk together, where it tells. */
export function watchGroups(
  metrics: MetricsRegistry,
  ledger: { watchGroups?(told: (writes: number) => void): () => void },
): () => void {
  const declaration = sized('amends.ledger.group.size', 'Writes that went to disk together.', [])
  let generation = metrics.generation
  let series = metrics.histogram(declaration).with({})
  const stop = ledger.watchGroups?.((writes) => {
    if (metrics.generation !== generation) {
      generation = metrics.generation
      series = metrics.histogram(declaration).with({})
    }
    series.observe(writes)
  })
  return stop ?? (() => undefined)
}

function secondsBetween(from: Nanoseconds, to: Nanoseconds): number {
  return Math.max(0, Number((to - from) / NANOSECONDS_PER_MS) / 1_000)
}
