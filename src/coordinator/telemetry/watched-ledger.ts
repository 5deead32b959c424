/**
 * A ledger whose reads are timed and counted. Commits pass through as they are: the journal, which
 * offers them, watches those.
 */
import type { Clock } from '../../clock.ts'
import type {
  Ledger,
  StoredEvent,
  StoredSnapshot,
  StreamKey,
  StreamRange,
} from '../../ledger/ledger.ts'
import type {
  CounterSeries,
  HistogramSeries,
  MetricsRegistry,
} from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { PROGRESS } from '../spaces.ts'
import { counted } from './declarations.ts'
import { KeptSeries } from './kept-series.ts'
import { STORAGE_TYPE, storageSeconds } from './storage-seconds.ts'
import { WatchingPart } from './watching-part.ts'

type ReadMetrics = ReturnType<typeof declare>

/** The same ledger, watched. Disposing it disposes the ledger. */
export function watchedLedger(ledger: Ledger, telemetry: Telemetry, clock: Clock): Ledger {
  const part = new WatchingPart(telemetry, clock, declare)
  const timed = <T>(operation: string, read: () => Promise<T>): Promise<T> =>
    timedRead(part, operation, read)
  return {
    location: ledger.location,
    commit: (write, options) => ledger.commit(write, options),
    find: (id) => ledger.find(id),
    claimed: (claim) => ledger.claimed(claim),
    stream: (key, range) =>
      chunks(part, rangeOperation(range), () => ledger.stream(key, range), key.domain),
    head: (key) => timed('event_get_next_sequence', () => ledger.head(key)),
    snapshot: async (key, atOrBefore) => {
      const operation = atOrBefore === undefined ? 'snapshot_get' : 'snapshot_get_at_seq'
      const found = await timed(operation, () => ledger.snapshot(key, atOrBefore))
      countSnapshot(part, key, found)
      return found
    },
    log: (after, options) => ledger.log(after, options),
    tip: () => ledger.tip(),
    byCorrelation: (id) =>
      chunks(part, 'event_get_by_correlation', () => ledger.byCorrelation(id), undefined),
    streams: (filter) => chunks(part, 'event_list_roots', () => ledger.streams(filter), undefined),
    row: (space, key) =>
      space === PROGRESS
        ? timed('position_get', () => ledger.row(space, key))
        : ledger.row(space, key),
    rows: (space, query) => ledger.rows(space, query),
    foreignWrites: () => ledger.foreignWrites(),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  }
}

async function timedRead<T>(
  part: WatchingPart<ReadMetrics>,
  operation: string,
  read: () => Promise<T>,
): Promise<T> {
  const sinceMs = part.nowMs()
  try {
    return await read()
  } finally {
    part.metrics.seconds.of(operation).observe(part.secondsSince(sinceMs))
  }
}

/** Timed without the time its reader takes between the chunks. */
async function* chunks<T extends StoredEvent | StreamKey>(
  part: WatchingPart<ReadMetrics>,
  operation: string,
  open: () => AsyncIterable<readonly T[]>,
  domain: string | undefined,
): AsyncGenerator<readonly T[]> {
  let seconds = 0
  let sinceMs = part.nowMs()
  try {
    for await (const chunk of open()) {
      seconds += part.secondsSince(sinceMs)
      if (domain !== undefined) part.metrics.events.of(domain).add(chunk.length)
      yield chunk
      sinceMs = part.nowMs()
    }
    seconds += part.secondsSince(sinceMs)
  } finally {
    part.metrics.seconds.of(operation).observe(seconds)
  }
}

function countSnapshot(
  part: WatchingPart<ReadMetrics>,
  { domain }: StreamKey,
  found: StoredSnapshot | undefined,
): void {
  if (found !== undefined) part.metrics.snapshots.of(domain).add()
}

function rangeOperation({ from, to, upTo }: StreamRange): string {
  if (upTo !== undefined) return 'event_get_until_timestamp'
  if (to !== undefined) return 'event_get_from_to'
  return from > 0 ? 'event_get_from' : 'event_get'
}

function declare(metrics: MetricsRegistry): {
  readonly seconds: KeptSeries<HistogramSeries>
  readonly events: KeptSeries<CounterSeries>
  readonly snapshots: KeptSeries<CounterSeries>
} {
  const seconds = metrics.histogram(storageSeconds)
  const events = metrics.counter(
    counted('angzarr.storage.events.loaded', 'Events read from the ledger.', ['domain']),
  )
  const snapshots = metrics.counter(
    counted('angzarr.storage.snapshots.loaded', 'Snapshots read from the ledger.', ['domain']),
  )
  return {
    seconds: new KeptSeries((operation) => seconds.with({ operation, storage_type: STORAGE_TYPE })),
    events: new KeptSeries((domain) => events.with({ domain })),
    snapshots: new KeptSeries((domain) => snapshots.with({ domain })),
  }
}
