/**
 * Takes the journals of many executions to the ledger. What is offered in one turn of the event loop
 * goes in one write, which saves most of what a write costs.
 *
 * 1. A write that is refused or fails is offered again in parts: each execution alone, so that one
 *    cannot hold up another.
 * 2. After a commit of unknown outcome nothing is offered before the ledger has said what it stored.
 * 3. Every write carries the conditions of the lease: when they do not hold, nothing is stored, now
 *    or later.
 * 4. Failures of the ledger that may pass are waited out; they show in `trouble`.
 */
import { sleep } from '../../abort.ts'
import type { Clock } from '../../clock.ts'
import { codedError, codeOf, messageOf, rowOf } from '../../errors.ts'
import type { Random, WriteId } from '../../identity.ts'
import type {
  Append,
  Committed,
  Condition,
  Deletion,
  Ledger,
  Outcome,
  RowChange,
  StoredSnapshot,
  Write,
} from '../../ledger/ledger.ts'
import { backoffMs } from '../../coordinator/backoff.ts'

/** What one execution writes at a time; all of it is stored, or nothing. */
export type JournalDraft = {
  readonly appends: readonly Append[]
  readonly rows: readonly RowChange[]
  readonly snapshots?: readonly StoredSnapshot[] | undefined
  readonly deletions?: readonly Deletion[] | undefined
}

/** What became of a draft. */
export type Written =
  | { readonly kind: 'stored' }
  /** The stream or a row did not stand where the draft expected it. */
  | { readonly kind: 'conflict'; readonly on: Condition }
  /** Another process runs the executions. */
  | { readonly kind: 'lease-lost' }

/** What a writer is made from. */
export type JournalWriterOptions = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => WriteId
  /** What must hold for every write. */
  readonly lease: () => readonly Condition[]
  /** Drafts that share one write at most. */
  readonly draftsPerWriteMax: number
  readonly backoff: { readonly msMin: number; readonly msMax: number }
}

/** What troubles the way to the ledger. */
export type LedgerTrouble = { readonly code: string; readonly message: string }

type Offered = {
  readonly draft: JournalDraft
  readonly resolve: (written: Written) => void
  readonly reject: (error: unknown) => void
}

/** See the top of this file. */
export class JournalWriter {
  readonly #options: JournalWriterOptions
  readonly #stopping = new AbortController()
  #offered: Offered[] = []
  #flushDue = false
  #underWay = 0
  #trouble: LedgerTrouble | undefined
  /** Writes stored so far. */
  writes = 0
  /** Drafts stored so far. */
  drafts = 0

  constructor(options: JournalWriterOptions) {
    this.#options = options
  }

  /** The failure that writes are waiting out at present. */
  get trouble(): LedgerTrouble | undefined {
    return this.#trouble
  }

  /** Writes that have been sent and not answered. */
  get underWay(): number {
    return this.#underWay
  }

  /**
   * Offers a draft; resolves when it is on disk or refused.
   *
   * @throws CodedError what the ledger refuses this draft with, `SAGA_MANAGER_CLOSED` when the
   * writer was stopped before the ledger took it
   */
  offer(draft: JournalDraft): Promise<Written> {
    return new Promise<Written>((resolve, reject) => {
      this.#offered.push({ draft, resolve, reject })
      this.#flushSoon()
    })
  }

  /** Stops waiting for a ledger that fails. */
  stop(): void {
    this.#stopping.abort(codedError('SAGA_MANAGER_CLOSED'))
  }

  #flushSoon(): void {
    if (this.#flushDue) return
    this.#flushDue = true
    queueMicrotask(() => {
      this.#flushDue = false
      this.#flush()
    })
  }

  #flush(): void {
    const size = this.#options.draftsPerWriteMax
    const offered = this.#offered
    this.#offered = []
    for (let from = 0; from < offered.length; from += size) {
      void this.#write(offered.slice(from, from + size))
    }
  }

  async #write(group: readonly Offered[]): Promise<void> {
    this.#underWay++
    try {
      const { outcome, error } = await this.#commit(group)
      if (outcome?.kind === 'committed') {
        this.writes++
        this.drafts += group.length
        for (const { resolve } of group) resolve({ kind: 'stored' })
      } else if (outcome?.kind === 'conflict' && this.#isLease(outcome.on)) {
        for (const { resolve } of group) resolve({ kind: 'lease-lost' })
      } else if (group.length > 1) {
        // One after the other in the same turn: they share a transaction, each with its own outcome.
        await Promise.all(group.map((offered) => this.#write([offered])))
      } else refuse(group[0], outcome, error)
    } finally {
      this.#underWay--
    }
  }

  async #commit(
    group: readonly Offered[],
  ): Promise<{ readonly outcome?: Outcome | undefined; readonly error?: unknown }> {
    const { ledger, newId } = this.#options
    const write = writeOf(newId(), group, this.#options.lease())
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await ledger.commit(write)
        this.#trouble = undefined
        return { outcome }
      } catch (error) {
        const found = await this.#find(write.id)
        if (found.kind === 'stopped') return { error: found.error }
        if (found.committed !== undefined) return { outcome: found.committed }
        if (!isPassing(error) || group.length > 1) return { error }
        if (!(await this.#waitOut(error, attempt))) return { error: this.#stopping.signal.reason }
      }
    }
  }

  /** What a write stored, however long it takes to find out. */
  async #find(
    id: WriteId,
  ): Promise<
    | { readonly kind: 'found'; readonly committed: Committed | undefined }
    | { readonly kind: 'stopped'; readonly error: unknown }
  > {
    for (let attempt = 1; ; attempt++) {
      try {
        return { kind: 'found', committed: await this.#options.ledger.find(id) }
      } catch (error) {
        const goesOn = isPassing(error) && (await this.#waitOut(error, attempt))
        if (!goesOn) return { kind: 'stopped', error }
      }
    }
  }

  /** Waits before the next attempt; false when there is to be none. */
  async #waitOut(error: unknown, attempt: number): Promise<boolean> {
    const { backoff, random, clock } = this.#options
    this.#trouble = { code: codeOf(error), message: messageOf(error) }
    if (this.#stopping.signal.aborted) return false
    try {
      await sleep(backoffMs(backoff, attempt, random.fraction()), clock, this.#stopping.signal)
      return true
    } catch {
      return false
    }
  }

  #isLease(condition: Condition): boolean {
    return (
      condition.kind === 'row' &&
      this.#options
        .lease()
        .some(
          (held) =>
            held.kind === 'row' && held.space === condition.space && held.key === condition.key,
        )
    )
  }
}

function refuse(offered: Offered | undefined, outcome: Outcome | undefined, error: unknown): void {
  if (offered === undefined) return
  if (outcome?.kind === 'conflict') offered.resolve({ kind: 'conflict', on: outcome.on })
  else offered.reject(error ?? codedError('LEDGER_WRITE_FAILED'))
}

function writeOf(id: WriteId, group: readonly Offered[], conditions: readonly Condition[]): Write {
  const [only] = group
  if (group.length === 1 && only !== undefined) return { id, conditions, ...only.draft }
  const appends: Append[] = []
  const rows: RowChange[] = []
  const snapshots: StoredSnapshot[] = []
  const deletions: Deletion[] = []
  for (const { draft } of group) {
    appends.push(...draft.appends)
    rows.push(...draft.rows)
    if (draft.snapshots !== undefined) snapshots.push(...draft.snapshots)
    if (draft.deletions !== undefined) deletions.push(...draft.deletions)
  }
  return { id, conditions, appends, rows, snapshots, deletions }
}

/** Whether the same write may be taken later. */
function isPassing(error: unknown): boolean {
  const code = codeOf(error)
  if (code === 'LEDGER_CLOSED') return false
  return (rowOf(code)?.then ?? 'retry') === 'retry'
}
