/**
 * The memory of one stream while work for it is at hand: its state, and who waits.
 *
 * 1. One piece of work is decided at a time, in the order of arrival.
 * 2. The mailbox does not wait for the disk: the next piece of work is decided on the state after
 *    the writes under way. `next` counts them.
 * 3. When one write fails, everything decided after it fails too (its expected sequence is wrong).
 *    Nothing more is decided until all of them are back; then they are decided anew, in order.
 */
import type { Sequence, WriteId } from '../identity.ts'
import { streamText, type StreamKey } from '../ledger/ledger.ts'
import type { Branch } from './branches.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { StatefulEndpoint } from './stateful-endpoint.ts'
import type { Work, WorkOutcome } from './work.ts'

/** A piece of work with its place in line and who asked for it. */
export type Item = {
  readonly work: Work
  /** When it came, for how long it took. */
  readonly sinceMs: number
  /** True while it waits behind others. */
  waits: boolean
  /** Around it, if somebody traces. */
  readonly span: Span | undefined
  /** Order of arrival, across all mailboxes. */
  readonly arrival: number
  readonly resolve: (outcome: WorkOutcome) => void
  readonly reject: (error: unknown) => void
  /** Times it was decided. */
  attempts: number
  /** Others that came with the same key while this one was under way. */
  followers: Item[] | undefined
}

/** See the top of this file. */
export class Mailbox {
  readonly key: StreamKey
  readonly endpoint: StatefulEndpoint
  readonly queue: Item[] = []
  /** Work whose writes are under way, by idempotency key. */
  readonly keysUnderWay: Map<string, Item> = new Map<string, Item>()
  /** Work that must be decided anew. */
  redo: Item[] = []
  /** Used since the cache last looked for room. */
  used = true
  state: unknown
  next: Sequence = 0
  loaded = false
  running = false
  /** Writes under way. */
  underWay = 0
  /** The last write offered; the next one stands or falls with it while writes are under way. */
  lastWrite: WriteId | undefined
  /** True from the first failed write until all writes are back. */
  recovering = false
  /** Set while pages are pending in the stream: each reader has a state of its own. */
  pending: readonly string[] | undefined
  /** Where it branches off the main timeline; `undefined` on that itself. */
  branch: Branch | undefined
  /** Where it was to branch off when it was loaded. */
  branchAt: Sequence | undefined
  /** Sequence of the newest snapshot, or -1. */
  snapshotAt: Sequence = -1
  /** Bytes of events folded since the state's size was last measured. */
  foldedBytes = 0
  /** Estimated size of the state. */
  bytes: number = BASE_BYTES

  constructor(key: StreamKey, endpoint: StatefulEndpoint) {
    this.key = key
    this.endpoint = endpoint
  }

  /** For people: which stream it is. */
  get text(): string {
    return streamText(this.key)
  }

  get idle(): boolean {
    return !this.running && this.underWay === 0 && this.queue.length === 0
  }

  /** Forgets the state; the next piece of work loads it again. */
  forget(): void {
    this.loaded = false
    this.state = undefined
    this.branch = undefined
    this.pending = undefined
    this.next = 0
    this.snapshotAt = -1
    this.foldedBytes = 0
    this.bytes = BASE_BYTES
  }

  /** Puts work back that must be decided anew, at the front and in order of arrival. */
  takeBack(): void {
    this.redo.sort((one, other) => one.arrival - other.arrival)
    this.queue.unshift(...this.redo)
    this.redo = []
    this.recovering = false
  }
}

/** What a mailbox costs without its state. */
export const BASE_BYTES = 1_024
