/**
 * One execution in memory. It takes what it is told one after the other: decides, writes, and only
 * then performs what has begun.
 *
 * 1. Nothing is performed, and nobody is answered, before the entries are on disk.
 * 2. What changes nothing in the world (building a request, choosing a branch) is performed before,
 *    so that one write holds what happened and what begins next.
 * 3. When a write is refused because the journal has moved on, the state is read anew and what was
 *    told is decided again.
 */
import type { Nanoseconds } from '../../clock.ts'
import { codedError, codeOf, messageOf } from '../../errors.ts'
import type { NewEvent, RowChange, StoredSnapshot, StreamKey } from '../../ledger/ledger.ts'
import type { Action } from '../../machine/action.ts'
import { decide, type Decision } from '../../machine/decide.ts'
import type { Told } from '../../machine/input.ts'
import type { Entry } from '../../machine/journal.ts'
import { openActions } from '../../machine/open-actions.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { encodeEntry } from '../journal/encode-entry.ts'
import type { KnownDefinition } from './executables.ts'
import type { Written } from './journal-writer.ts'
import type { LoadedExecution } from './load-execution.ts'

/** What a live execution needs of its runner. */
export interface ExecutionHost {
  now(): Nanoseconds
  random(): number
  /** Performs what changes nothing in the world. */
  prepare(execution: LiveExecution, action: Action): Told | Promise<Told>
  /** Performs what has begun; its outcome is offered to the execution. */
  perform(execution: LiveExecution, action: Action): void
  /** The change of its row, when it has to change. */
  rowOf(execution: LiveExecution, state: ExecutionState, actions: readonly Action[]): RowDraft
  snapshotOf(execution: LiveExecution, state: ExecutionState): readonly StoredSnapshot[] | undefined
  write(execution: LiveExecution, draft: ExecutionDraft): Promise<Written>
  /** The journal as it stands in the ledger. */
  reload(execution: LiveExecution): Promise<LoadedExecution | undefined>
  /** What was told is stored, and what follows from it has begun. */
  stored(execution: LiveExecution, actions: readonly Action[]): void
  /** It cannot go on in this process. */
  failed(execution: LiveExecution, error: unknown): void
}

/** A change of the row, and what it is remembered by. */
export type RowDraft = { readonly change: RowChange; readonly mark: string } | undefined

/** What one execution writes. */
export type ExecutionDraft = {
  readonly key: StreamKey
  readonly at: number
  readonly events: readonly NewEvent[]
  readonly correlationId: string
  readonly rows: readonly RowChange[]
  readonly snapshots: readonly StoredSnapshot[] | undefined
}

/** What became of something an execution was told. */
export type Answered = { readonly refused: Decision['refused'] }

type Item = {
  readonly told: Told
  readonly resolve: (answered: Answered) => void
  readonly reject: (error: unknown) => void
}

/** Conflicts in a row after which an execution is given up here. */
const CONFLICTS_MAX = 10

/** See the top of this file. */
export class LiveExecution {
  readonly id: string
  readonly known: KnownDefinition
  readonly key: StreamKey
  /** Keys of the actions that this process has begun to perform. */
  readonly begun: Set<string> = new Set()
  /** What was undone, in order. */
  undone: string[] = []
  /** The next sequence of its stream. */
  next: number
  /** What its row stands at, see `RowDraft.mark`. */
  rowMark: string | undefined
  /** Operations of the author that run in this process. */
  operations = 0
  /** Since when it has only waited; undefined while it works. */
  waitingSinceMs: number | undefined
  #state: ExecutionState | undefined
  #actions: readonly Action[] = []
  #items: Item[] = []
  #isTurning = false
  /** Conflicts since the last write that was stored. */
  #conflicts = 0
  readonly #host: ExecutionHost

  constructor(
    host: ExecutionHost,
    from: { readonly id: string; readonly known: KnownDefinition; readonly key: StreamKey },
  ) {
    this.#host = host
    this.id = from.id
    this.known = from.known
    this.key = from.key
    this.next = 0
  }

  /** The state that is on disk; undefined before it has started. */
  get state(): ExecutionState | undefined {
    return this.#state
  }

  /** What is open in that state. */
  get actions(): readonly Action[] {
    return this.#actions
  }

  /** Nothing is being decided, written or run. */
  get isIdle(): boolean {
    return !this.#isTurning && this.#items.length === 0 && this.operations === 0
  }

  /** Takes over what was read from the ledger. */
  restore(loaded: LoadedExecution): void {
    this.#state = loaded.state
    this.next = loaded.next
    this.undone = [...loaded.undone]
    this.rowMark = loaded.rowMark
    this.#actions = openActions(this.known.executable.definition, loaded.state)
  }

  /** Tells it something; resolves when that is decided and stored. */
  tell(told: Told): Promise<Answered> {
    return new Promise((resolve, reject) => this.#take({ told, resolve, reject }))
  }

  /** Tells it something; nobody waits for the answer. */
  offer(told: Told): void {
    this.#take({ told, resolve: ignore, reject: ignore })
  }

  /** Performs what is open and has not begun in this process. */
  performOpen(): void {
    for (const action of this.#actions) {
      if (this.begun.has(action.key)) continue
      this.begun.add(action.key)
      this.#host.perform(this, action)
    }
  }

  /** Tells those that wait for an answer that there is none to come. */
  abandon(error: unknown): void {
    for (const item of this.#items.splice(0)) item.reject(error)
  }

  #take(item: Item): void {
    this.#items.push(item)
    if (this.#isTurning) return
    this.#isTurning = true
    void this.#turns()
  }

  async #turns(): Promise<void> {
    try {
      while (this.#items.length > 0) await this.#turn()
      this.#isTurning = false
      this.#host.stored(this, this.#actions)
    } catch (error) {
      this.#isTurning = false
      this.abandon(error)
      this.#host.failed(this, error)
    }
  }

  async #turn(): Promise<void> {
    const draft = new Draft(this.#state, this.#actions)
    const taken: Item[] = []
    try {
      do {
        for (const item of this.#items.splice(0)) this.#decide(draft, item, taken)
        for (const action of draft.actions) {
          if (!isPure(action)) continue
          const told = this.#host.prepare(this, action)
          const ready = told instanceof Promise ? await told : told
          this.#items.push({ told: ready, resolve: ignore, reject: ignore })
        }
      } while (draft.actions.some(isPure))
      if (!(await this.#write(draft, taken))) return
    } catch (error) {
      for (const { reject } of taken) reject(error)
      throw error
    }
    this.performOpen()
    for (const [index, { resolve }] of taken.entries()) {
      resolve({ refused: draft.refusals[index] })
    }
  }

  #decide(draft: Draft, item: Item, taken: Item[]): void {
    const { definition } = this.known.executable
    const envelope = { at: this.#host.now(), random: this.#host.random() }
    let decision = decide(definition, draft.state, { ...item.told, ...envelope })
    let events: NewEvent[]
    try {
      events = this.#encode(decision.entries)
    } catch (error) {
      const instead = withoutValue(item.told, error)
      if (instead === undefined) {
        item.reject(error)
        return
      }
      decision = decide(definition, draft.state, { ...instead, ...envelope })
      events = this.#encode(decision.entries)
    }
    draft.take(decision, events)
    taken.push(item)
  }

  #encode(entries: readonly Entry[]): NewEvent[] {
    return entries.map((entry) => encodeEntry(entry))
  }

  /** False when the journal has moved on: the state is new, and what was told is to be decided again. */
  async #write(draft: Draft, taken: readonly Item[]): Promise<boolean> {
    const { state } = draft
    if (state === undefined) return true
    const row = this.#host.rowOf(this, state, draft.actions)
    if (draft.events.length > 0 || row !== undefined) {
      const written = await this.#host.write(this, {
        key: this.key,
        at: this.next,
        events: draft.events,
        correlationId: state.correlationId,
        rows: row === undefined ? [] : [row.change],
        snapshots: this.#host.snapshotOf(this, state),
      })
      if (written.kind === 'lease-lost') throw codedError('LEASE_LOST')
      if (written.kind === 'conflict') {
        await this.#moveOn(taken)
        return false
      }
    }
    this.#conflicts = 0
    this.#state = state
    this.#actions = draft.actions
    this.next += draft.events.length
    if (row !== undefined) this.rowMark = row.mark
    for (const path of draft.undone) this.undone.push(path)
    return true
  }

  async #moveOn(taken: readonly Item[]): Promise<void> {
    const loaded = ++this.#conflicts <= CONFLICTS_MAX ? await this.#host.reload(this) : undefined
    if (loaded === undefined || this.#state === undefined) {
      throw codedError('SAGA_EXECUTION_TAKEN', { details: { id: this.id } })
    }
    this.restore(loaded)
    this.#items.unshift(...taken)
  }
}

/** What one turn has decided so far. */
class Draft {
  state: ExecutionState | undefined
  actions: readonly Action[]
  readonly events: NewEvent[] = []
  readonly undone: string[] = []
  readonly refusals: Decision['refused'][] = []

  constructor(state: ExecutionState | undefined, actions: readonly Action[]) {
    this.state = state
    this.actions = actions
  }

  take(decision: Decision, events: readonly NewEvent[]): void {
    this.state = decision.state
    this.actions = decision.actions
    for (const event of events) this.events.push(event)
    for (const entry of decision.entries) if (entry.kind === 'undone') this.undone.push(entry.path)
    this.refusals.push(decision.refused)
  }
}

function isPure({ kind }: Action): boolean {
  return kind === 'prepare' || kind === 'choose'
}

/**
 * What is told instead of something that cannot be stored: of an operation, that it happened and
 * left nothing usable. `undefined` when the one who told it is to be told.
 */
function withoutValue(told: Told, error: unknown): Told | undefined {
  switch (told.kind) {
    case 'succeeded': {
      const { path, attempt, services } = told
      const failure = { path, outcome: 'failed', code: codeOf(error), message: messageOf(error), error } as const
      return { kind: 'failed', path, attempt, failure, happened: true, services }
    }
    case 'prepared': {
      const { path, direction } = told
      const failure = { path, outcome: 'failed', code: codeOf(error), message: messageOf(error), error } as const
      return { kind: 'prepare-failed', path, direction, failure }
    }
    case 'undone': {
      // What an undo gives back may replace the context; that it ran is what counts.
      return { kind: 'undone', path: told.path, attempt: told.attempt }
    }
    default:
      return undefined
  }
}

function ignore(): void {}
