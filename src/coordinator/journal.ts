/**
 * The coordinator's way to its ledger: every commit passes here, and what it appended is handed to
 * the recent log, so that reactions start without a poll. Here, and nowhere else, large payloads leave
 * their pages.
 */
import { codedError } from '../errors.ts'
import type { WriteId } from '../identity.ts'
import type {
  Appended,
  Committed,
  Ledger,
  NewEvent,
  Outcome,
  StoredEvent,
} from '../ledger/ledger.ts'
import { OPEN, type Append, type Write } from '../ledger/ledger.ts'
import type { CascadePart } from './cascade.ts'
import type { Offloading } from './payloads/offload-writes.ts'
import type { RecentLog } from './recent-log.ts'
import type { TraceParent } from '../telemetry/tracing.ts'
import { noteTrace } from './telemetry/event-trace.ts'
import type { JournalWatch } from './telemetry/journal-watch.ts'
import type { WatchedEvents } from './watched-events.ts'

/** A write without its id: the journal makes one. */
export type Draft = Omit<Write, 'id'>

/** See the top of this file. */
export class Journal {
  readonly ledger: Ledger
  readonly #recent: RecentLog
  readonly #newId: () => WriteId
  /** Commits that somebody waits for the consequences of. */
  readonly #awaited = new Set<Promise<unknown>>()
  #watched: WatchedEvents | undefined
  #watch: JournalWatch | undefined

  readonly #offloading: Offloading | undefined

  /** @param offloading where large payloads go; without it they stay in their pages */
  constructor(
    ledger: Ledger,
    recent: RecentLog,
    newId: () => WriteId,
    offloading?: Offloading | undefined,
  ) {
    this.ledger = ledger
    this.#offloading = offloading
    this.#recent = recent
    this.#newId = newId
  }

  /** An id for a write that is about to be offered. */
  newId(): WriteId {
    return this.#newId()
  }

  /** Says who is to be told of events that requests wait for. */
  tell(watched: WatchedEvents): void {
    this.#watched = watched
  }

  /** Says who counts what is written. */
  watchedBy(watch: JournalWatch): void {
    this.#watch = watch
  }

  /** Resolves when the commits under way by now that requests wait for have been handed over. */
  async awaitedHandedOver(): Promise<void> {
    if (this.#awaited.size > 0) await Promise.allSettled(this.#awaited)
  }

  /**
   * Commits a draft. A commit that threw is looked up before the error is believed.
   *
   * @param cascade the request that waits for what the events bring about
   * @param trace what the events belong to
   * @throws CodedError as `Ledger.commit`; `PAYLOAD_STORE_FULL`, `PAYLOAD_STORE_FAILED` when a large
   * payload could not be kept, and so nothing was stored
   */
  commit(
    draft: Draft,
    id: WriteId = this.#newId(),
    cascade?: CascadePart | undefined,
    trace?: TraceParent | undefined,
  ): Promise<Outcome> {
    const write: Write = { ...draft, id }
    const offloaded = this.#offloading?.offer(write, (kept) => this.#offer(kept, cascade, trace))
    const stored = offloaded ?? this.#offer(write, cascade, trace)
    if (cascade === undefined) return stored
    this.#awaited.add(stored)
    const forget = (): void => void this.#awaited.delete(stored)
    stored.then(forget, forget)
    return stored
  }

  #offer(
    write: Write,
    cascade: CascadePart | undefined,
    trace: TraceParent | undefined,
  ): Promise<Outcome> {
    const watch = this.#watch
    const sinceMs = watch?.nowMs() ?? 0
    return this.ledger.commit(write).then(
      (outcome) => {
        watch?.answered(write, outcome, sinceMs)
        return this.#hand(write, outcome, cascade, trace)
      },
      async (error: unknown) => {
        watch?.failed(write, sinceMs)
        return this.#hand(write, await this.#found(write, error), cascade, trace)
      },
    )
  }

  /** What a write stored that was reported as failed. */
  async #found({ id }: Write, error: unknown): Promise<Committed> {
    const found = await this.#lookUp(id, error)
    if (found === undefined) throw error
    return found
  }

  async #lookUp(id: WriteId, cause: unknown): Promise<Committed | undefined> {
    try {
      return await this.ledger.find(id)
    } catch {
      throw codedError('COMMIT_OUTCOME_UNKNOWN', {
        cause,
        details: { write_id: id },
        hint: 'Send the command again with the same idempotency key once the ledger answers.',
      })
    }
  }

  #hand(
    write: Write,
    outcome: Outcome,
    cascade: CascadePart | undefined,
    trace: TraceParent | undefined,
  ): Outcome {
    if (outcome.kind !== 'committed') return outcome
    const events = storedEvents(write, outcome)
    if (trace !== undefined) noteTrace(events, trace)
    if (cascade !== undefined) this.#watched?.watch(cascade, events)
    this.#recent.push(events)
    return outcome
  }
}

/** The events of a committed write, as a reader of the log would see them. */
export function storedEvents(write: Draft, committed: Committed): readonly StoredEvent[] {
  const appends = write.appends ?? []
  if (appends.length === 1 && committed.appends.length === 1) {
    const [append, appended] = [appends[0], committed.appends[0]]
    return append && appended ? eventsOf(append, appended, committed) : []
  }
  const all: StoredEvent[] = []
  for (const appended of committed.appends) {
    const append = appends.find(({ key }) => sameStream(key, appended.key))
    if (append !== undefined) all.push(...eventsOf(append, appended, committed))
  }
  return all.sort((one, other) => one.position - other.position)
}

function eventsOf(append: Append, appended: Appended, committed: Committed): StoredEvent[] {
  return append.events.map((event: NewEvent, index) => ({
    position: appended.position + index,
    key: append.key,
    sequence: appended.from + index,
    type: event.type,
    page: event.page,
    correlationId: append.correlationId,
    recordedAt: committed.recordedAt,
    commit: committed.number,
    visibility: append.visibility ?? OPEN,
  }))
}

function sameStream(one: Append['key'], other: Append['key']): boolean {
  return (
    one === other ||
    (one.root === other.root && one.domain === other.domain && one.edition === other.edition)
  )
}
