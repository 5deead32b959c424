/**
 * Remembers requests in a ledger, so that a process that goes on where another one was killed gives
 * the same answers. Each request is a row of the space `participant-reply`.
 *
 * 1. A put is one commit, under conditions on the versions of its rows.
 * 2. A row lives `repliesKeptMs` from its last change. What is forgotten and the time since when
 *    nothing was are one commit too.
 * 3. Whether a commit whose outcome is not known has happened is asked before anything else is done.
 */
import type { Clock, Nanoseconds } from '../clock.ts'
import { NANOSECONDS_PER_MS } from '../clock.ts'
import { codedError } from '../errors.ts'
import { type Random, type WriteId, writeIds } from '../identity.ts'
import type { Ledger, Outcome, Row, RowChange, Write } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import { decodeRecord, encodeRecord } from './record-row.ts'
import type { RecordChange, ReplyStore, RequestRecord, RequestWrites } from './reply-store.ts'

const { hash } = process.getBuiltinModule('node:crypto')

/** What a store in a ledger is made with. */
export type LedgerReplyStoreOptions = {
  readonly ledger: Ledger
  /** Requests to different services of one ledger do not meet. */
  readonly service: string
  readonly clock: Clock
  readonly random: Random
  /** How long a request is remembered, in milliseconds. Default: 7 days. */
  readonly repliesKeptMs?: number | undefined
}

/** A store that can forget. */
export interface LedgerReplyStore extends ReplyStore {
  /** Forgets what is old enough; how many requests that were. */
  prune(): Promise<number>
}

/**
 * Opens the store.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, and what the ledger throws
 */
export async function ledgerReplyStore(
  options: LedgerReplyStoreOptions,
): Promise<LedgerReplyStore> {
  const { repliesKeptMs: keptMs = limits.repliesStoredMs } = options
  if (!(keptMs > 0))
    throw codedError('CONFIGURATION_INVALID', { details: { repliesKeptMs: keptMs } })
  const store = new RowStore(options, keptMs)
  await store.begin()
  return store
}

const REPLIES = 'participant-reply'
/** One row: since when nothing was forgotten. */
const MEMORY = 'participant-memory'
const SINCE = 'since'

/** What `find` has seen last, so that `put` need not read it again. */
type Seen = { readonly kind: RequestRecord['kind'] | 'absent'; readonly version: number | 'absent' }
const SEEN_MAX = 10_000

class RowStore implements LedgerReplyStore {
  readonly takesWrites = true
  readonly #ledger: Ledger
  readonly #service: string
  readonly #clock: Clock
  readonly #newId: () => WriteId
  readonly #keptMs: number
  readonly #seen = new Map<string, Seen>()

  constructor({ ledger, service, clock, random }: LedgerReplyStoreOptions, keptMs: number) {
    this.#ledger = ledger
    this.#service = service
    this.#clock = clock
    this.#newId = writeIds(clock, random)
    this.#keptMs = keptMs
  }

  /** Everything from now on is remembered, unless an earlier process has begun. */
  async begin(): Promise<void> {
    await this.#commit([sinceRow(this.#clock.wall(), 'absent')], [])
  }

  async find(requestId: string): Promise<RequestRecord | undefined> {
    const key = this.#key(requestId)
    const row = await this.#ledger.row(REPLIES, key)
    const record = row === undefined ? undefined : decodeRecord(row.value).record
    this.#see(key, { kind: record?.kind ?? 'absent', version: row?.version ?? 'absent' })
    return record
  }

  async put(
    changes: readonly RecordChange[],
    writes: readonly RequestWrites[] = [],
  ): Promise<boolean> {
    const at = this.#clock.wall()
    const rows: RowChange[] = []
    for (const { requestId, expected, record } of changes) {
      const key = this.#key(requestId)
      const seen = this.#seen.get(key) ?? (await this.#look(key))
      if (seen.kind !== expected) return this.#forgetSeen(changes)
      const value = encodeRecord({ record, at })
      const dueAt = at + BigInt(Math.ceil(Math.min(this.#keptMs, FOREVER_MS))) * NANOSECONDS_PER_MS
      rows.push({ kind: 'put', space: REPLIES, key, value, expected: seen.version, dueAt })
    }
    const outcome = await this.#commit(rows, writes)
    this.#forgetSeen(changes)
    switch (outcome.kind) {
      case 'committed':
        for (const { requestId, record } of changes) {
          const seen = { kind: record.kind, version: outcome.number }
          if (record.kind === 'begun') this.#see(this.#key(requestId), seen)
        }
        return true
      case 'conflict': {
        const { on } = outcome
        if (on.kind === 'row' && on.space === REPLIES) return false
        throw codedError('REQUEST_WRITE_CONFLICT', { details: { on: on.kind } })
      }
      case 'duplicate':
        throw codedError('REQUEST_WRITE_CONFLICT', { details: { on: 'claim' } })
    }
  }

  async rememberedSince(): Promise<Nanoseconds> {
    return sinceOf(await this.#ledger.row(MEMORY, SINCE))
  }

  async prune(): Promise<number> {
    let pruned = 0
    for (;;) {
      const query = { dueBy: this.#clock.wall(), limit: limits.repliesPerPruningMax }
      const rows = await this.#ledger.rows(REPLIES, query)
      if (rows.length === 0 || !(await this.#forget(rows))) return pruned
      pruned += rows.length
    }
  }

  /** False when somebody has changed one of them, or prunes too; they are still due then. */
  async #forget(rows: readonly Row[]): Promise<boolean> {
    const memory = await this.#ledger.row(MEMORY, SINCE)
    let since = sinceOf(memory)
    for (const { value } of rows) {
      const { at } = decodeRecord(value)
      // What was put at that very time may be gone too, so it counts as forgotten.
      if (at > since) since = at
    }
    const removals = rows.map(({ key, version }) => {
      return { kind: 'remove', space: REPLIES, key, expected: version } as const
    })
    const changes = [...removals, sinceRow(since, memory?.version ?? 'absent')]
    return (await this.#commit(changes, [])).kind === 'committed'
  }

  async #commit(rows: readonly RowChange[], writes: readonly RequestWrites[]): Promise<Outcome> {
    const write: Write = {
      id: this.#newId(),
      rows: [...rows, ...writes.flatMap((one) => one.rows ?? [])],
      conditions: writes.flatMap((one) => one.conditions ?? []),
      appends: writes.flatMap((one) => one.appends ?? []),
    }
    try {
      return await this.#ledger.commit(write)
    } catch (error) {
      const committed = await this.#ledger.find(write.id)
      if (committed !== undefined) return committed
      throw error
    }
  }

  async #look(key: string): Promise<Seen> {
    const row = await this.#ledger.row(REPLIES, key)
    if (row === undefined) return { kind: 'absent', version: 'absent' }
    return { kind: decodeRecord(row.value).record.kind, version: row.version }
  }

  #see(key: string, seen: Seen): void {
    this.#seen.delete(key)
    this.#seen.set(key, seen)
    if (this.#seen.size <= SEEN_MAX) return
    const [oldest] = this.#seen.keys()
    if (oldest !== undefined) this.#seen.delete(oldest)
  }

  #forgetSeen(changes: readonly RecordChange[]): false {
    for (const { requestId } of changes) this.#seen.delete(this.#key(requestId))
    return false
  }

  #key(requestId: string): string {
    const key = `${this.#service}:${requestId}`
    return key.length <= limits.ledgerKeyLengthMax
      ? key
      : `${this.#service.slice(0, SERVICE_SHOWN)}#${hash('sha256', key)}`
  }
}

const SERVICE_SHOWN = 200
/** A hundred years. */
const FOREVER_MS = 3_155_760_000_000

function sinceRow(since: Nanoseconds, expected: number | 'absent'): RowChange {
  const value = new TextEncoder().encode(String(since))
  return { kind: 'put', space: MEMORY, key: SINCE, value, expected }
}

function sinceOf(row: Row | undefined): Nanoseconds {
  return row === undefined ? 0n : BigInt(new TextDecoder().decode(row.value))
}
