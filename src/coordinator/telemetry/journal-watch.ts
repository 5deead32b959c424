/**
 * Watches what is written: every commit of a coordinator passes its journal, so that what is counted
 * here is what was stored, and nothing else.
 */
import type { Clock } from '../../clock.ts'
import type { Outcome, RowChange, Write } from '../../ledger/ledger.ts'
import type {
  CounterSeries,
  HistogramSeries,
  MetricsRegistry,
} from '../../telemetry/metrics-registry.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { deadLetterInRow } from '../dead-letter-rows.ts'
import { DEAD_LETTERS, PENDING_PAGES, PROGRESS, RESOLVED_CASCADES } from '../spaces.ts'
import { counted, timed } from './declarations.ts'
import { KeptSeries } from './kept-series.ts'
import { STORAGE_TYPE, storageSeconds } from './storage-seconds.ts'
import { WatchingPart } from './watching-part.ts'

type JournalMetrics = ReturnType<typeof declare>

/** See the top of this file. */
export class JournalWatch {
  readonly #part: WatchingPart<JournalMetrics>
  /** Cascades that have pending pages. */
  readonly #cascades = new Set<string>()

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#part = new WatchingPart(telemetry, clock, declare)
  }

  /** Cascades known to have pending pages. */
  get cascadesPending(): number {
    return this.#cascades.size
  }

  /** A cascade that an earlier process has begun. */
  foundPending(cascadeId: string): void {
    this.#cascades.add(cascadeId)
  }

  /** Now, for `sinceMs`. */
  nowMs(): number {
    return this.#part.nowMs()
  }

  /** A write is answered. */
  answered(write: Write, outcome: Outcome, sinceMs: number): void {
    const { metrics } = this.#part
    const seconds = this.#part.secondsSince(sinceMs)
    metrics.commits.of(outcome.kind).add()
    metrics.seconds.of(operationOf(write)).observe(seconds)
    if (outcome.kind !== 'committed') return
    for (const { key, count } of outcome.appends) {
      if (count > 0) metrics.events.of(key.domain).add(count)
    }
    if (write.snapshots !== undefined) {
      for (const { key } of write.snapshots) metrics.snapshots.of(key.domain).add()
    }
    if (write.rows !== undefined) for (const row of write.rows) this.#row(row, seconds)
  }

  /** A write has no answer, or was not stored. */
  failed(write: Write, sinceMs: number): void {
    const { metrics } = this.#part
    metrics.commits.of('failed').add()
    metrics.seconds.of(operationOf(write)).observe(this.#part.secondsSince(sinceMs))
  }

  #row(row: RowChange, seconds: number): void {
    if (row.kind !== 'put') return
    const { metrics } = this.#part
    switch (row.space) {
      case PROGRESS:
        metrics.positions.of(row.key).add()
        break
      case PENDING_PAGES:
        this.#cascades.add(row.group ?? row.key)
        break
      case RESOLVED_CASCADES:
        this.#cascades.delete(row.key)
        metrics.cascades.of(new TextDecoder().decode(row.value)).add()
        break
      case DEAD_LETTERS: {
        const { domain, rejectionType } = deadLetterInRow(row.value)
        metrics.letters.of(domain, rejectionType).add()
        metrics.letterSeconds.of(BACKEND).observe(seconds)
        break
      }
    }
  }
}

/** Dead letters lie in the ledger. */
const BACKEND = 'ledger'

function operationOf({ appends, deletions, rows }: Write): string {
  if (appends !== undefined) {
    for (const { events } of appends) if (events.length > 0) return 'event_add'
  }
  if (deletions?.some(({ kind }) => kind === 'edition') === true) return 'event_delete_edition'
  return rows?.some(({ space }) => space === PROGRESS) === true ? 'position_put' : 'row_put'
}

function declare(metrics: MetricsRegistry): {
  readonly commits: KeptSeries<CounterSeries>
  readonly seconds: KeptSeries<HistogramSeries>
  readonly events: KeptSeries<CounterSeries>
  readonly snapshots: KeptSeries<CounterSeries>
  readonly positions: KeptSeries<CounterSeries>
  readonly cascades: KeptSeries<CounterSeries>
  readonly letters: KeptSeries<CounterSeries>
  readonly letterSeconds: KeptSeries<HistogramSeries>
} {
  const counter = (name: string, help: string, label: string): KeptSeries<CounterSeries> => {
    const declared = metrics.counter(counted(name, help, [label]))
    return new KeptSeries((value) => declared.with({ [label]: value }))
  }
  const letters = metrics.counter(
    counted('angzarr.dlq.publish.total', 'Dead letters written.', [
      'domain',
      'reason_type',
      'backend',
    ]),
  )
  const letterSeconds = metrics.histogram(
    timed('angzarr.dlq.publish.duration', 'Time to write a dead letter.', ['backend']),
  )
  const seconds = metrics.histogram(storageSeconds)
  return {
    commits: counter('amends.ledger.commit.total', 'Writes answered by the ledger.', 'outcome'),
    seconds: new KeptSeries((operation) => seconds.with({ operation, storage_type: STORAGE_TYPE })),
    events: counter('angzarr.storage.events.stored', 'Events stored.', 'domain'),
    snapshots: counter('angzarr.storage.snapshots.stored', 'Snapshots stored.', 'domain'),
    positions: counter('angzarr.storage.positions.updated', 'Checkpoints written.', 'handler'),
    cascades: counter('amends.cascade.total', 'Cascades ended.', 'outcome'),
    letters: new KeptSeries((domain, reason) =>
      letters.with({ domain, reason_type: reason, backend: BACKEND }),
    ),
    letterSeconds: new KeptSeries((backend) => letterSeconds.with({ backend })),
  }
}
