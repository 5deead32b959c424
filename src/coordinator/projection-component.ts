/**
 * Runs one projector: a run of events at a time, its rows and its checkpoint in one commit (P9).
 *
 * 1. Events are folded one after another in the order of the log.
 * 2. An event that fails holds back its own key only: it is tried again with backoff, then parked.
 * 3. A run whose commit fails is committed again as it is: the handlers do not run twice for it.
 */
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { Position } from '../identity.ts'
import type { Condition, Ledger, RowChange, StoredEvent } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { backoffMs } from './backoff.ts'
import type { ComponentStatus, LogSink } from './coordinator.ts'
import { deadLetterOfEvent, putDeadLetter, removeDeadLetter } from './dead-letter-rows.ts'
import type { Journal } from './journal.ts'
import { LogReader } from './log-reader.ts'
import {
  eventsBetween,
  parkedKeyOf,
  parkedKeyRow,
  parkedKeysOf,
  removeParkedKey,
} from './parked-keys.ts'
import { ProjectionRowsBuffer } from './projection-rows.ts'
import type { ProjectorEndpoint } from './projector-endpoint.ts'
import type { Progress } from './progress.ts'
import { putProgress } from './progress-rows.ts'
import type { ComponentHost, ScheduledComponent } from './scheduled-component.ts'
import { withDeadline } from './with-deadline.ts'

/** What a projection needs beside its host. */
export type ProjectionContext = {
  readonly endpoint: ProjectorEndpoint
  readonly ledger: Ledger
  readonly journal: Journal
  readonly clock: Clock
  readonly log: LogSink
  readonly handlerTimeoutMs: number
  /** The space of its rows. */
  readonly space: string
  /** The name its checkpoint stands under: another one for each generation. */
  readonly checkpoint: string
  readonly term: () => readonly Condition[]
}

type Key = {
  attempts: number
  state: 'waiting' | 'parked' | 'rejoining'
  /** The dead letter it is parked behind, or being replayed from. */
  entry: DeadLetterEntry | undefined
  replay: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined
}

type Failure = { readonly event: StoredEvent; readonly key: string; readonly error: unknown }

/** See the top of this file. */
export class ProjectionComponent implements ScheduledComponent {
  readonly name: string
  readonly kind = 'projector'
  readonly progress: Progress
  readonly #context: ProjectionContext
  readonly #host: ComponentHost
  readonly #reader: LogReader
  /** Keys that are not simply running. */
  readonly #keys = new Map<string, Key>()
  #queue: StoredEvent[] = []
  #running = false
  #stopped = false

  constructor(context: ProjectionContext, host: ComponentHost, progress: Progress) {
    this.name = context.endpoint.name
    this.progress = progress
    this.#context = context
    this.#host = host
    this.#reader = new LogReader({
      ledger: context.ledger,
      recent: host.recent,
      progress,
      room: () => host.limits.triggersPerComponentMax - this.#queue.length,
      take: (event) => this.#take(event),
      failed: (error) => host.failed(this.name, error),
    })
  }

  async recover(): Promise<void> {
    for (const parked of await parkedKeysOf(this.#context.ledger, this.#context.checkpoint)) {
      this.#keys.set(parked.lane, {
        attempts: 0,
        state: 'parked',
        entry: undefined,
        replay: undefined,
      })
    }
  }

  pump(): void {
    if (this.#stopped) return
    this.#reader.pump()
    this.#start()
  }

  #start(): void {
    if (this.#running || this.#stopped || this.#queue.length === 0) return
    this.#running = true
    void this.#run()
  }

  get settled(): boolean {
    const waiting = [...this.#keys.values()].some(({ state }) => state === 'waiting')
    return this.#stopped || (!this.#reader.behind && !this.#running && !waiting)
  }

  status(): Omit<ComponentStatus, 'state'> {
    const behind = Math.max(0, this.#host.recent.tip - this.progress.read)
    return {
      name: this.name,
      kind: this.kind,
      position: this.progress.low,
      lag: behind + this.#queue.length,
      parkedKeys: [...this.#keys.values()].filter(({ state }) => state === 'parked').length,
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#reader.stop()
    while (this.#running) await this.#host.change()
  }

  #take(event: StoredEvent): void {
    const key = this.#context.endpoint.laneOf(event)
    if (key === undefined || this.#keys.get(key)?.state === 'parked') {
      this.progress.pass(event.position)
      return
    }
    if (!this.progress.begin(event.position)) return
    this.#queue.push(event)
    this.#start()
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      // One turn of the loop lets a burst of commits become one run.
      await Promise.resolve()
      while (!this.#stopped) {
        const folded = await this.#fold()
        if (folded === 0) break
        this.#reader.pump()
      }
    } catch (error) {
      this.#host.failed(this.name, error)
    }
    this.#running = false
    this.#host.changed()
    if (!this.#stopped && this.#queue.some((event) => !this.#isHeld(event))) this.pump()
  }

  #isHeld(event: StoredEvent): boolean {
    const key = this.#context.endpoint.laneOf(event) ?? ''
    const state = this.#keys.get(key)?.state
    return state === 'waiting' || state === 'parked'
  }

  /** Folds a run of events and commits it; answers how many events were looked at. */
  async #fold(): Promise<number> {
    const store = new ProjectionRowsBuffer(this.#context.ledger, this.#context.space)
    const done: StoredEvent[] = []
    const failures = new Map<string, Failure>()
    for (const event of this.#queue) {
      if (done.length >= this.#host.limits.eventsPerProjectionMax || this.#stopped) break
      const key = this.#context.endpoint.laneOf(event) ?? ''
      if (failures.has(key) || this.#isHeld(event)) continue
      try {
        const folding = this.#context.endpoint.project(event, store)
        if (folding !== undefined) await withDeadline(folding, this.#context)
        store.keep()
        done.push(event)
        if (this.#keys.get(key)?.entry === undefined) this.#keys.delete(key)
      } catch (error) {
        store.drop()
        failures.set(key, { event, key, error })
      }
    }
    if (done.length + failures.size === 0) return 0
    await this.#commit(store, done, [...failures.values()])
    return done.length + failures.size
  }

  async #commit(
    store: ProjectionRowsBuffer,
    done: readonly StoredEvent[],
    failures: readonly Failure[],
  ): Promise<void> {
    const parked = this.#judge(failures)
    const gone = new Set(done)
    const parkedKeys = new Set(parked.map(({ lane }) => lane))
    this.#queue = this.#queue.filter((event) => {
      const key = this.#context.endpoint.laneOf(event) ?? ''
      if (!gone.has(event) && !parkedKeys.has(key)) return true
      this.progress.finish(event.position)
      return false
    })
    const rejoined = this.#rejoinRows(parkedKeys)
    const rows: RowChange[] = [
      ...store.changes(),
      putProgress(this.#context.checkpoint, this.progress.record()),
      ...parked.flatMap((entry) => [
        putDeadLetter(entry),
        ...(entry.lane === '' ? [] : [parkedKeyRow(this.#keyed(entry), Number(entry.position))]),
      ]),
      ...rejoined.rows,
    ]
    await this.#commitUntilStored(rows)
    for (const { resolve } of rejoined.replays) resolve()
  }

  /** Decides what becomes of each failure: another try, a parked key, or a skipped event. */
  #judge(failures: readonly Failure[]): readonly DeadLetterEntry[] {
    const entries: DeadLetterEntry[] = []
    const now = this.#context.clock.wall()
    for (const { event, key, error } of failures) {
      if (dispositionOfError(error) === 'halt') {
        this.#stopped = true
        this.#host.halt(this.name, error)
        return entries
      }
      const known = this.#keys.get(key)
      const attempts = (known?.attempts ?? 0) + 1
      const retry = dispositionOfError(error) === 'retry'
      if (retry && attempts < this.#host.settings.attempts) {
        this.#keys.set(key, {
          attempts,
          state: 'waiting',
          entry: known?.entry,
          replay: known?.replay,
        })
        this.#wakeLater(key, attempts, error)
        continue
      }
      const { name: component, kind } = this
      const lane = key
      const made = deadLetterOfEvent({ component, kind, lane, event, error, attempts, now })
      known?.replay?.reject(error)
      this.#context.log('error', 'dead_letter', { component, key, id: made.id })
      if (this.#host.settings.onExhausted === 'skip') {
        this.#keys.delete(key)
        this.#queue = this.#queue.filter((item) => item !== event)
        this.progress.finish(event.position)
        entries.push({ ...made, lane: '' })
      } else {
        this.#keys.set(key, { attempts: 0, state: 'parked', entry: made, replay: undefined })
        entries.push(made)
      }
    }
    return entries
  }

  #wakeLater(key: string, attempt: number, error: unknown): void {
    const { limits, random } = this.#host
    const backoff = { msMin: limits.reactionBackoffMsMin, msMax: limits.reactionBackoffMsMax }
    this.#context.log('warn', 'projection_retried', {
      component: this.name,
      key,
      attempt,
      error: error instanceof Error ? error.message : String(error),
    })
    this.#context.clock.after(backoffMs(backoff, attempt, random.fraction()), () => {
      const known = this.#keys.get(key)
      if (known?.state === 'waiting') {
        this.#keys.set(key, { ...known, state: 'rejoining' })
      }
      this.pump()
      this.#host.changed()
    })
  }

  /** How far the keys that are being replayed have come. */
  #rejoinRows(parkedNow: ReadonlySet<string>): {
    readonly rows: readonly RowChange[]
    readonly replays: readonly NonNullable<Key['replay']>[]
  } {
    const rows: RowChange[] = []
    const replays: NonNullable<Key['replay']>[] = []
    for (const [key, known] of this.#keys) {
      const { entry, replay } = known
      if (known.state === 'parked' || entry === undefined || parkedNow.has(key)) continue
      const next = this.#queue.find((event) => this.#context.endpoint.laneOf(event) === key)
      if (next !== undefined) {
        rows.push(parkedKeyRow(this.#keyed(entry), next.position))
        continue
      }
      rows.push(...removeParkedKey(this.#context.checkpoint, key, entry.id))
      this.#keys.delete(key)
      if (replay !== undefined) replays.push(replay)
    }
    return { rows, replays }
  }

  /** Parked keys stand under the checkpoint's name: each generation has its own. */
  #keyed(entry: DeadLetterEntry): DeadLetterEntry {
    return { ...entry, component: this.#context.checkpoint }
  }

  async #commitUntilStored(rows: readonly RowChange[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const conditions = this.#context.term()
        const outcome = await this.#context.journal.commit({ conditions, rows })
        if (outcome.kind === 'committed') return
        const lost = codedError('LEASE_LOST', { details: { component: this.name } })
        this.#stopped = true
        this.#host.halt(this.name, lost)
        return
      } catch (error) {
        if (this.#stopped) throw error
        this.#host.failed(this.name, error)
        await this.#pause(attempt)
      }
    }
  }

  #pause(attempt: number): Promise<void> {
    const { limits, random } = this.#host
    const backoff = { msMin: limits.reactionBackoffMsMin, msMax: limits.reactionBackoffMsMax }
    return new Promise((resolve) => {
      this.#context.clock.after(backoffMs(backoff, attempt, random.fraction()), resolve)
    })
  }

  async takeUp(entry: DeadLetterEntry, discard: boolean): Promise<void> {
    const { ledger, endpoint, checkpoint } = this.#context
    const known = this.#keys.get(entry.lane)
    const parked = await parkedKeyOf(ledger, checkpoint, entry.lane)
    if (known?.state !== 'parked' || parked?.deadLetter !== entry.id) {
      throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id: entry.id } })
    }
    this.#keys.set(entry.lane, { ...known, state: 'waiting', entry })
    const upTo = this.progress.read
    const from = Number(parked.firstPosition)
    const concerns = (event: StoredEvent): boolean => endpoint.laneOf(event) === entry.lane
    const missed = await eventsBetween(ledger, { from, upTo, concerns })
    const skip: Position = discard ? Number(entry.position) : -1
    this.#queue = [...missed.filter(({ position }) => position !== skip), ...this.#queue].sort(
      (one, other) => one.position - other.position,
    )
    const done = new Promise<void>((resolve, reject) => {
      this.#keys.set(entry.lane, {
        attempts: 0,
        state: 'rejoining',
        entry,
        replay: { resolve, reject },
      })
    })
    if (this.#queue.some((event) => concerns(event))) this.pump()
    else await this.#nothingMissed(entry)
    return done
  }

  /** The failed event was given up and nothing came behind it. */
  async #nothingMissed(entry: DeadLetterEntry): Promise<void> {
    const known = this.#keys.get(entry.lane)
    this.#keys.delete(entry.lane)
    await this.#commitUntilStored([
      ...removeParkedKey(this.#context.checkpoint, entry.lane, entry.id),
      removeDeadLetter(entry.id),
    ])
    known?.replay?.resolve()
  }
}
