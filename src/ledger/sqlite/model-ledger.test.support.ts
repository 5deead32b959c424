/** A ledger as simple as can be, against which the real one is compared. */
import type {
  Append,
  Claim,
  Condition,
  Deletion,
  Outcome,
  RowChange,
  StoredSnapshot,
  StreamKey,
  Write,
} from '../ledger.ts'
import { streamText } from '../ledger.ts'

type ModelEvent = { readonly position: number; readonly sequence: number; readonly page: string }
type ModelCommit = { readonly number: number; readonly last: number; readonly id: string }

/** What the model says of a write, without times. */
export type ModelOutcome =
  | { readonly kind: 'committed'; readonly number: number; readonly positions: readonly number[] }
  | { readonly kind: 'duplicate'; readonly number: number }
  | { readonly kind: 'conflict'; readonly actual: number | 'absent' }
  | { readonly kind: 'invalid' }

/** Streams, claims, rows and snapshots in maps. */
export class ModelLedger {
  readonly streams = new Map<string, { next: number; events: ModelEvent[] }>()
  readonly claims = new Map<string, number>()
  readonly rows = new Map<string, { version: number; value: string; group: string | undefined }>()
  readonly snapshots = new Map<string, Map<number, StoredSnapshot>>()
  readonly commits: ModelCommit[] = []
  tip = 0

  commit(write: Write): ModelOutcome {
    const refused = this.#refusal(write)
    if (refused !== undefined) return refused
    const changes =
      (write.appends ?? []).some((one) => one.events.length > 0) ||
      [write.claims, write.rows, write.snapshots, write.deletions].some((l) => (l ?? []).length > 0)
    const number = changes ? this.commits.length + 1 : 0
    for (const deletion of write.deletions ?? []) this.#delete(deletion)
    const positions = (write.appends ?? []).map((one) => this.#append(one))
    for (const claim of write.claims ?? []) this.claims.set(claimText(claim), number)
    for (const row of write.rows ?? []) this.#row(row, number)
    for (const snapshot of write.snapshots ?? []) this.#snapshot(snapshot)
    if (changes) this.commits.push({ number, last: this.tip, id: write.id })
    return { kind: 'committed', number, positions }
  }

  next(key: StreamKey): number {
    return this.streams.get(streamText(key))?.next ?? 0
  }

  #refusal(write: Write): ModelOutcome | undefined {
    for (const condition of write.conditions ?? []) {
      const actual = this.#actual(condition)
      const expected = condition.kind === 'stream' ? condition.next : versionOf(condition)
      if (actual !== expected) return { kind: 'conflict', actual }
    }
    for (const claim of write.claims ?? []) {
      const number = this.claims.get(claimText(claim))
      if (number !== undefined) return { kind: 'duplicate', number }
    }
    for (const append of write.appends ?? []) {
      const actual = this.next(append.key)
      if (actual !== append.at && !this.#branchesOff(append, actual)) {
        return { kind: 'conflict', actual }
      }
    }
    for (const row of write.rows ?? []) {
      const actual = this.rows.get(rowText(row))?.version ?? 'absent'
      if (row.expected !== 'any' && row.expected !== actual) return { kind: 'conflict', actual }
    }
    for (const { key, sequence } of write.snapshots ?? []) {
      const append = write.appends?.find((one) => streamText(one.key) === streamText(key))
      const next = append === undefined ? this.next(key) : append.at + append.events.length
      if (sequence >= next) return { kind: 'invalid' }
    }
    return undefined
  }

  #actual(condition: Condition): number | 'absent' {
    switch (condition.kind) {
      case 'stream':
        return this.next(condition.key)
      case 'row':
        return this.rows.get(rowText(condition))?.version ?? 'absent'
      case 'write':
        return this.commits.find((one) => one.id === condition.id)?.number ?? 'absent'
      default:
        return condition satisfies never
    }
  }

  #branchesOff({ key, at, events }: Append, next: number): boolean {
    const empty = (this.streams.get(streamText(key))?.events.length ?? 0) === 0
    return key.edition !== '' && empty && events.length > 0 && at >= next
  }

  #append({ key, at, events }: Append): number {
    const stream = this.streams.get(streamText(key)) ?? { next: 0, events: [] }
    const first = this.tip + 1
    for (const [index, { page }] of events.entries()) {
      const sequence = at + index
      stream.events.push({ position: ++this.tip, sequence, page: Buffer.from(page).toString() })
    }
    stream.next = at + events.length
    if (events.length > 0) this.streams.set(streamText(key), stream)
    return events.length === 0 ? 0 : first
  }

  #row(row: RowChange, version: number): void {
    if (row.kind === 'remove') this.rows.delete(rowText(row))
    else {
      const value = Buffer.from(row.value).toString()
      this.rows.set(rowText(row), { version, value, group: row.group })
    }
  }

  #snapshot(snapshot: StoredSnapshot): void {
    const text = streamText(snapshot.key)
    const all = this.snapshots.get(text) ?? new Map<number, StoredSnapshot>()
    all.set(snapshot.sequence, snapshot)
    const newest = Math.max(...all.keys())
    for (const [sequence, { retention }] of all) {
      if (sequence < newest && retention !== 'persist') all.delete(sequence)
    }
    this.snapshots.set(text, all)
  }

  #delete(deletion: Deletion): void {
    switch (deletion.kind) {
      case 'stream':
        this.#deleteStreams((text) => text === streamText(deletion.key))
        return
      case 'edition':
        this.#deleteStreams((text) => text.startsWith(`${deletion.edition}:${deletion.domain}:`))
        return
      case 'claims': {
        const kept = this.commits.find((one) => one.last > deletion.upTo)?.number ?? Infinity
        for (const [text, number] of this.claims) if (number < kept) this.claims.delete(text)
        return
      }
      case 'space':
        for (const text of this.rows.keys()) {
          if (text.startsWith(`${deletion.space}/`)) this.rows.delete(text)
        }
        return
      default:
        deletion satisfies never
    }
  }

  #deleteStreams(picks: (text: string) => boolean): void {
    for (const [text, stream] of this.streams) if (picks(text)) stream.events = []
    for (const text of this.snapshots.keys()) if (picks(text)) this.snapshots.delete(text)
    for (const text of this.claims.keys()) {
      if (picks(text.slice(0, text.indexOf('/')))) this.claims.delete(text)
    }
  }
}

/** The outcome of the real ledger in the model's terms. */
export function modelOutcome(outcome: Outcome): ModelOutcome {
  switch (outcome.kind) {
    case 'committed': {
      const positions = outcome.appends.map((one) => one.position)
      return { kind: 'committed', number: outcome.number, positions }
    }
    case 'duplicate':
      return { kind: 'duplicate', number: outcome.first.number }
    case 'conflict':
      return { kind: 'conflict', actual: outcome.actual }
    default:
      return outcome satisfies never
  }
}

function versionOf(condition: Exclude<Condition, { kind: 'stream' }>): number | 'absent' {
  return condition.kind === 'row' ? condition.version : 'absent'
}

function claimText(claim: Claim): string {
  return `${streamText(claim.scope)}/${claim.key}`
}

function rowText(row: { readonly space: string; readonly key: string }): string {
  return `${row.space}/${row.key}`
}
