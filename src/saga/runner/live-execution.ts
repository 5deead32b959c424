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
import type { Clock, Nanoseconds } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { NewEvent, RowChange } from '../../ledger/ledger.ts'
import type { Action } from '../../machine/action.ts'
import { decide } from '../../machine/decide.ts'
import type { Decision } from '../../machine/decision.ts'
import type { Definition } from '../../machine/definition.ts'
import type { Told } from '../../machine/input.ts'
import type { ExecutionWatch } from '../../machine/perform/execution-watch.ts'
import type { LocalAction } from '../../machine/perform/performing.ts'
import type { StopSignal } from '../../machine/perform/stop-signal.ts'
import { recover } from '../../machine/recover.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { encodeEntry } from '../journal/encode-entry.ts'
import { DraftedTurn } from './drafted-turn.ts'
import type { KnownDefinition } from './executables.ts'
import type { Written } from './journal-writer.ts'
import type { LoadedExecution } from './load-execution.ts'
import type { RowDraft, RowMark } from './plan-row.ts'
import { Wake } from './wake.ts'
import { withoutValue } from './without-value.ts'

/** What a live execution needs of its runner. */
export interface ExecutionHost {
  now(): Nanoseconds
  random(): number
  /** Performs what changes nothing in the world. */
  prepare(execution: LiveExecution, action: LocalAction): Told | Promise<Told>
  /** Performs what has begun; its outcome is offered to the execution. */
  perform(execution: LiveExecution, action: Action): void
  /** The change of its row, when it has to change. */
  rowOf(
    execution: LiveExecution,
    state: ExecutionState,
    actions: readonly Action[],
  ): RowDraft | undefined
  write(execution: LiveExecution, draft: ExecutionDraft): Promise<Written>
  /** The journal as it stands in the ledger. */
  reload(execution: LiveExecution): Promise<LoadedExecution | undefined>
  /** Something is stored; what follows from it has not begun. */
  turned(execution: LiveExecution): void
  /** Everything that it was told is stored, and what follows from it has begun. */
  stored(execution: LiveExecution): void
  /** It cannot go on in this process. */
  failed(execution: LiveExecution, error: unknown): void
}

/** What one execution writes. */
export type ExecutionDraft = {
  readonly at: number
  readonly events: readonly NewEvent[]
  readonly state: ExecutionState
  readonly row: RowChange | undefined
  /** Rows of others that are put with it. */
  readonly alsoPut: readonly RowChange[]
}

/** What became of something an execution was told. */
export type Answered = { readonly refused: Decision['refused'] }

/** Makes a row that is put in the commit of the entries that something leads to. */
export type AlsoPut = (refused: Decision['refused']) => RowChange

/** Decides upon a state at a moment. */
type Decide = (
  definition: Definition,
  state: ExecutionState,
  moment: { readonly at: Nanoseconds; readonly random: number },
) => Decision

type Item = {
  readonly told: Told | Decide
  readonly alsoPut?: AlsoPut | undefined
  readonly resolve: (answered: Answered) => void
  readonly reject: (error: unknown) => void
}

/** Conflicts in a row after which an execution is given up here. */
const CONFLICTS_MAX = 10

/** See the top of this file. */
export class LiveExecution {
  readonly id: string
  readonly known: KnownDefinition
  /** On whose behalf it runs. */
  readonly user: string
  /** Resolves when its first entry is on disk. */
  readonly started: PromiseWithResolvers<void> = Promise.withResolvers()
  /** Stops what runs in this process, by path and attempt. */
  readonly stops: Map<string, StopSignal> = new Map()
  /** What watches it in this process; made when something is first performed. */
  watch: ExecutionWatch | undefined
  /** The next sequence of its stream. */
  next: number
  /** What its row stands at. */
  mark: RowMark | undefined
  /** It has waited long enough to be forgotten. */
  isParking = false
  /** Its journal has reached its maximum. */
  isTooLong = false
  readonly #host: ExecutionHost
  readonly #begun = new Set<string>()
  readonly #wake = new Wake()
  #state: ExecutionState | undefined
  #actions: readonly Action[] = []
  #undone: string[] = []
  #items: Item[] = []
  #operations = 0
  #isTurning = false
  #wasTold = false
  #takenUp: Promise<unknown> | undefined
  #isStopped = false
  #conflicts = 0

  constructor(
    host: ExecutionHost,
    from: {
      readonly id: string
      readonly known: KnownDefinition
      readonly user: string
      readonly next: number
    },
  ) {
    this.#host = host
    this.id = from.id
    this.known = from.known
    this.user = from.user
    this.next = from.next
    this.started.promise.catch(ignore)
  }

  /** The state that is on disk; undefined before it has started. */
  get state(): ExecutionState | undefined {
    return this.#state
  }

  /** What is open in that state. */
  get actions(): readonly Action[] {
    return this.#actions
  }

  /** Paths of what was undone, in order. */
  get undone(): readonly string[] {
    return this.#undone
  }

  /** Whether something of its author runs in this process. */
  get isOperating(): boolean {
    return this.#operations > 0
  }

  /** Nothing is being decided, written or run. */
  get isIdle(): boolean {
    return !this.#isTurning && this.#operations === 0
  }

  /** Nothing of it is to be done any more in this process. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Takes over what was read from the ledger. */
  restore(loaded: LoadedExecution, mark: RowMark): void {
    this.#restore(loaded)
    this.mark = mark
    this.started.resolve()
  }

  /** Tells it something; resolves when that is decided and stored. */
  tell(told: Told, alsoPut?: AlsoPut | undefined): Promise<Answered> {
    return new Promise((resolve, reject) => this.#take({ told, alsoPut, resolve, reject }))
  }

  /**
   * Takes up what a process that is gone was working on; resolves when that is stored. Once it has
   * been told anything, it is at work here: then there is nothing to take up.
   */
  takeUp(): Promise<unknown> {
    if (this.#takenUp === undefined && this.#wasTold) return Promise.resolve()
    this.#takenUp ??= new Promise((resolve, reject) =>
      this.#take({ told: recover, resolve, reject }),
    )
    return this.#takenUp
  }

  /** Tells it something; nobody waits for the answer. */
  offer(told: Told): void {
    this.#take({ told, resolve: ignore, reject: ignore })
  }

  /** Something of its author runs: tells it what comes of it. */
  operate(told: Told | Promise<Told>): void {
    if (!(told instanceof Promise)) {
      this.offer(told)
      return
    }
    this.#operations++
    void told.then(
      (ready) => {
        this.#operations--
        this.offer(ready)
      },
      (error: unknown) => {
        this.#operations--
        this.#host.failed(this, error)
      },
    )
  }

  /** Writes down that it waits, so that it can be forgotten. */
  park(): void {
    if (!this.isIdle || this.#isStopped) return
    this.isParking = true
    this.#run()
  }

  /** Tells it the time then, as long as it stays in memory. */
  wakeAt(at: Nanoseconds | undefined, clock: Clock): void {
    this.#wake.set(at, clock, () => this.offer({ kind: 'time' }))
  }

  /** Performs what is open and has not begun in this process. */
  performOpen(): void {
    for (const action of this.#actions) {
      if (this.#isStopped) return
      if (this.#begun.has(action.key)) continue
      this.#begun.add(action.key)
      this.#host.perform(this, action)
    }
  }

  /** Lets go of everything; whoever waits for an answer is told why there is none. */
  stop(error?: unknown): void {
    this.#isStopped = true
    this.watch?.end(this.#state?.failure)
    this.#wake.cancel()
    if (this.#state === undefined) this.started.reject(error)
    for (const item of this.#items.splice(0)) item.reject(error ?? closed())
  }

  #take(item: Item): void {
    if (this.#isStopped) {
      item.reject(closed())
      return
    }
    this.isParking = false
    this.#wasTold = true
    this.#items.push(item)
    this.#run()
  }

  #run(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    void this.#turns()
  }

  async #turns(): Promise<void> {
    try {
      do await this.#turn()
      while (this.#items.length > 0)
      this.#isTurning = false
      if (!this.#isStopped) this.#host.stored(this)
    } catch (error) {
      this.#isTurning = false
      for (const item of this.#items.splice(0)) item.reject(error)
      this.#host.failed(this, error)
    }
  }

  async #turn(): Promise<void> {
    const draft = new DraftedTurn(this.#state, this.#actions)
    const decided: { readonly item: Item; readonly refused: Decision['refused'] }[] = []
    try {
      for (;;) {
        for (const item of this.#items.splice(0)) {
          const decision = this.#decide(draft, item)
          if (decision === undefined) continue
          const { refused } = decision
          decided.push({ item, refused })
          if (item.alsoPut !== undefined) draft.alsoPut.push(item.alsoPut(refused))
        }
        const { pure } = draft
        if (pure.length === 0) break
        for (const action of pure) {
          const told = this.#host.prepare(this, action)
          const ready = told instanceof Promise ? await told : told
          this.#items.push({ told: ready, resolve: ignore, reject: ignore })
        }
      }
      if (!(await this.#write(draft))) {
        this.#items.unshift(...decided.map(({ item }) => item))
        return
      }
    } catch (error) {
      for (const { item } of decided) item.reject(error)
      throw error
    }
    this.#host.turned(this)
    if (this.#state !== undefined) this.watch?.turned(this.#state)
    this.performOpen()
    for (const { item, refused } of decided) item.resolve({ refused })
  }

  #decide(draft: DraftedTurn, item: Item): Decision | undefined {
    const { told } = item
    try {
      return this.#put(draft, told)
    } catch (error) {
      const instead = typeof told === 'function' ? undefined : withoutValue(told, error)
      if (instead !== undefined) return this.#put(draft, instead)
      item.reject(error)
      return undefined
    }
  }

  /** Decides, and encodes: what cannot be stored has decided nothing. */
  #put(draft: DraftedTurn, told: Told | Decide): Decision {
    const { definition } = this.known.executable
    const moment = { at: this.#host.now(), random: this.#host.random() }
    const decision =
      typeof told !== 'function'
        ? decide(definition, draft.state, { ...told, ...moment })
        : told(definition, stateOf(draft), moment)
    const at = this.next + draft.events.length
    draft.take(
      decision,
      decision.entries.map((entry, index) => encodeEntry(entry, at + index)),
    )
    return decision
  }

  /** False when the journal has moved on: the state is new, what was told is to be decided again. */
  async #write(draft: DraftedTurn): Promise<boolean> {
    const { state, events, actions, alsoPut } = draft
    if (state === undefined) return true
    const row = this.#host.rowOf(this, state, actions)
    if (events.length > 0 || row !== undefined || alsoPut.length > 0) {
      const stored = { at: this.next, events, state, row: row?.change, alsoPut }
      const written = await this.#host.write(this, stored)
      if (this.#isStopped) throw closed()
      if (written.kind === 'lease-lost') throw codedError('LEASE_LOST')
      if (written.kind === 'conflict') {
        await this.#readAnew()
        return false
      }
    }
    this.#conflicts = 0
    this.#state = state
    this.#actions = actions
    this.next += events.length
    if (row !== undefined) this.mark = row.mark
    for (const path of draft.undone) this.#undone.push(path)
    this.started.resolve()
    return true
  }

  async #readAnew(): Promise<void> {
    const isNew = this.#state === undefined
    const loaded =
      isNew || ++this.#conflicts > CONFLICTS_MAX ? undefined : await this.#host.reload(this)
    if (loaded === undefined) throw codedError('SAGA_EXECUTION_TAKEN', { details: { id: this.id } })
    this.#restore(loaded)
  }

  #restore({ state, actions, next, undone }: LoadedExecution): void {
    this.#state = state
    this.#actions = actions
    this.next = next
    this.#undone = [...undone]
  }
}

function stateOf({ state }: DraftedTurn): ExecutionState {
  if (state === undefined) throw codedError('SAGA_EXECUTION_NOT_FOUND')
  return state
}

function closed(): Error {
  return codedError('SAGA_MANAGER_CLOSED')
}

function ignore(): void {}
