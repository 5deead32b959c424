/**
 * The port of the one durable thing. Everything durable in Amends is one `commit`: all of a write
 * or nothing, acknowledged after it is on disk (P1). The ledger knows streams of events, claims,
 * snapshots and versioned rows; it knows no upper layer.
 *
 * 1. A write that throws has an unknown outcome: ask `find(write.id)` before anything else.
 * 2. Conditions, claims and expected sequences are checked before anything of a write is stored.
 * 3. Positions ascend in commit order and are never given twice; recording times never go back.
 * 4. Writes offered in one order by one caller are decided in that order.
 * 5. A write that is offered again under its id is answered with what it stored, and stored once.
 */
import type { Nanoseconds } from '../clock.ts'
import type { Position, Root, Sequence, WriteId } from '../identity.ts'

/** Names a stream: the events of one aggregate in one timeline; edition '' is the main one. */
export type StreamKey = { readonly domain: string; readonly edition: string; readonly root: Root }

/** Names a family of versioned rows, e.g. `delivery`; lower case, dots and dashes. */
export type Space = string

/**
 * Who may see an event: everybody, queries only, or nobody until the cascade it belongs to is
 * confirmed.
 */
export type Visibility =
  | { readonly kind: 'open' }
  | { readonly kind: 'isolated' }
  | { readonly kind: 'pending'; readonly cascadeId: string }

/** An event to be stored: the full name of its message type and the encoded page. */
export type NewEvent = { readonly type: string; readonly page: Uint8Array }

/**
 * Events for one stream, which must stand at `at`; without events it is only a check. The first
 * events of a stream of a named edition may begin behind its next sequence: it goes on where it
 * branches off.
 */
export type Append = {
  readonly key: StreamKey
  readonly at: Sequence
  readonly events: readonly NewEvent[]
  readonly correlationId: string
  /** Default: open. */
  readonly visibility?: Visibility | undefined
}

/**
 * What must hold for a write to be stored. Row versions are commit numbers. Conditions are checked
 * first, then claims (so that a repetition is a duplicate although its stream has moved on), then
 * what appends and rows expect.
 */
export type Condition =
  | { readonly kind: 'stream'; readonly key: StreamKey; readonly next: Sequence }
  | {
      readonly kind: 'row'
      readonly space: Space
      readonly key: string
      readonly version: number | 'absent'
    }
  /**
   * Holds unless this write, offered earlier to the same ledger object, was not stored: for a
   * write that was decided upon an earlier one before that was on disk.
   */
  | { readonly kind: 'write'; readonly id: WriteId }

/** Insert only. A claim that is taken makes the whole write a duplicate of the first one. */
export type Claim = { readonly scope: StreamKey; readonly key: string }

/** A change of one row; `expected` is checked like a condition, 'any' is not checked. */
export type RowChange =
  | {
      readonly kind: 'put'
      readonly space: Space
      readonly key: string
      readonly value: Uint8Array
      readonly expected: number | 'absent' | 'any'
      /** Rows of a group are read in the order of their keys. */
      readonly group?: string | undefined
      readonly dueAt?: Nanoseconds | undefined
    }
  | {
      readonly kind: 'remove'
      readonly space: Space
      readonly key: string
      readonly expected: number | 'any'
    }

/** How long a snapshot lives once a newer one of its stream is written. */
export type Retention = 'default' | 'persist' | 'transient'

/**
 * The state of a stream after the event at `sequence`, encoded by the caller; that event must be
 * stored, by this write at the latest. A newer snapshot removes older ones of its stream but those
 * that persist; the newest is never removed.
 */
export type StoredSnapshot = {
  readonly key: StreamKey
  readonly sequence: Sequence
  readonly state: Uint8Array
  readonly retention: Retention
  readonly createdAt: Nanoseconds
}

/**
 * An explicit removal, done before anything else of its write is stored. What is removed leaves a
 * tombstone; a stream takes its snapshots and claims along and goes on counting where it stopped,
 * and no position is given again. The main timeline is not deleted as a whole.
 */
export type Deletion =
  | { readonly kind: 'stream'; readonly key: StreamKey }
  | { readonly kind: 'edition'; readonly domain: string; readonly edition: string }
  /** Claims made before a time by commits at which the log had not yet passed a position. */
  | { readonly kind: 'claims'; readonly madeBefore: Nanoseconds; readonly upTo: Position }
  /** All rows of a space. */
  | { readonly kind: 'space'; readonly space: Space }

/** One unit of durability. */
export type Write = {
  /** Made by the caller and stored with what it wrote: answers "was it mine?". */
  readonly id: WriteId
  readonly conditions?: readonly Condition[] | undefined
  /** One per stream at most. */
  readonly appends?: readonly Append[] | undefined
  readonly claims?: readonly Claim[] | undefined
  readonly rows?: readonly RowChange[] | undefined
  readonly snapshots?: readonly StoredSnapshot[] | undefined
  readonly deletions?: readonly Deletion[] | undefined
}

/** Events that a commit added to one stream. */
export type Appended = {
  readonly key: StreamKey
  readonly from: Sequence
  readonly count: number
  /** Position of the first; the others follow without a gap. 0 when there are none. */
  readonly position: Position
}

/**
 * A write that is on disk. Looked up later it is the same, but for events that were deleted since.
 */
export type Committed = {
  readonly kind: 'committed'
  readonly id: WriteId
  /** Number of the commit, ascending; the version of every row it put. 0 for a pure check. */
  readonly number: number
  readonly recordedAt: Nanoseconds
  readonly appends: readonly Appended[]
}

/** What became of a write that did not throw. */
export type Outcome =
  | Committed
  | { readonly kind: 'duplicate'; readonly claim: Claim; readonly first: Committed }
  | {
      readonly kind: 'conflict'
      readonly on: Condition
      /** Next sequence of the stream, or version of the row; 'absent' without row or write. */
      readonly actual: number | 'absent'
    }

/** An event as it is stored. `page` may share memory with its neighbours: do not write to it. */
export type StoredEvent = {
  readonly position: Position
  readonly key: StreamKey
  readonly sequence: Sequence
  readonly type: string
  readonly page: Uint8Array
  readonly correlationId: string
  readonly recordedAt: Nanoseconds
  /** Number of the commit that stored it. */
  readonly commit: number
  readonly visibility: Visibility
}

/** A versioned row as it is stored. */
export type Row = {
  readonly space: Space
  readonly key: string
  readonly version: number
  readonly value: Uint8Array
  readonly group: string | undefined
  readonly dueAt: Nanoseconds | undefined
}

/** A part of a stream; `to` is inclusive, `upTo` compares recording times. */
export type StreamRange = {
  readonly from: Sequence
  readonly to?: Sequence | undefined
  readonly upTo?: Nanoseconds | undefined
}

/**
 * Rows of a group (of the whole space without one) in the order of their keys' UTF-8 bytes, or rows
 * that are due, soonest first; never more than `limit`.
 */
export type RowQuery = {
  readonly group?: string | undefined
  readonly dueBy?: Nanoseconds | undefined
  /** Continue behind this key (not with `dueBy`). */
  readonly after?: string | undefined
  readonly limit: number
}

/**
 * An abort takes back a commit that still waits for its turn (`ABORTED`, nothing stored); one on its
 * way is answered as if nothing had happened. A read ends with `ABORTED`, following just ends.
 */
export type Abortable = { readonly signal?: AbortSignal | undefined }

/** The ledger. Disposing drains: what was offered is decided first; twice is fine. */
export interface Ledger extends AsyncDisposable {
  /**
   * All or nothing; resolves after it is on disk.
   *
   * @throws CodedError `LEDGER_FULL`, `LEDGER_WRITE_FAILED`, `LEDGER_WRITE_INVALID`,
   * `SEQUENCE_EXHAUSTED`, `LEDGER_BUSY`, `LEDGER_OVERLOADED`, `LEDGER_CORRUPT`, `LEDGER_CLOSED`,
   * `ABORTED` when nothing was stored; `COMMIT_OUTCOME_UNKNOWN` when that could not be found out
   */
  commit(write: Write, options?: Abortable): Promise<Outcome>
  /** What a write of this id stored; `undefined` when it never was. */
  find(id: WriteId): Promise<Committed | undefined>
  /** The write that holds a claim. */
  claimed(claim: Claim): Promise<Committed | undefined>
  /** The events of a stream in order, in chunks; pending ones included. */
  stream(key: StreamKey, range: StreamRange): AsyncIterable<readonly StoredEvent[]>
  /** The next sequence of a stream; 0 for an unknown one. */
  head(key: StreamKey): Promise<Sequence>
  /** The newest snapshot, or the newest at or before a sequence. */
  snapshot(key: StreamKey, atOrBefore?: Sequence): Promise<StoredSnapshot | undefined>
  /**
   * The log behind a position, in chunks of at most `limit`. Never passes a position that a slower
   * transaction may still fill. `follow` waits for more until the signal aborts.
   */
  log(
    after: Position,
    options: { readonly limit: number; readonly follow?: boolean | undefined } & Abortable,
  ): AsyncIterable<readonly StoredEvent[]>
  /** The last position given; 0 for an empty ledger. */
  tip(): Promise<Position>
  /** All events of a correlation id, in log order. */
  byCorrelation(correlationId: string): AsyncIterable<readonly StoredEvent[]>
  /** The streams that have events. */
  streams(filter: {
    readonly domain?: string | undefined
    readonly edition?: string | undefined
  }): AsyncIterable<readonly StreamKey[]>
  row(space: Space, key: string): Promise<Row | undefined>
  rows(space: Space, query: RowQuery): Promise<readonly Row[]>
  /** Changes when another process has written. */
  foreignWrites(): number
  /**
   * Tells how many writes went to the disk together, each time they did, until the answer is called.
   * Missing where a driver does not know.
   */
  watchGroups?(told: (writes: number) => void): () => void
  /** Where the data lies, for people. */
  readonly location: string
}

/** The visibility of what everybody may see. */
export const OPEN: Visibility = Object.freeze({ kind: 'open' })

/** The text under which a stream is kept in caches: `{edition}:{domain}:{root}`. */
export function streamText(key: StreamKey): string {
  return `${key.edition}:${key.domain}:${key.root}`
}
