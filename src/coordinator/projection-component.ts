/**
 * Runs one projector: a run of events at a time, its rows and its checkpoint in one commit (P9).
 *
 * 1. Events are folded one after another in the order of the log; where the projector says so, those
 *    of different keys at once.
 * 2. An event that fails holds back its own key only: it is tried again with backoff, then parked.
 * 3. A run whose commit fails is committed again as it is: the handlers do not run twice for it.
 */
import type { Clock, Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { Position } from '../identity.ts'
import {
  type Condition,
  type Ledger,
  type RowChange,
  type StoredEvent,
  streamText,
} from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import type { ComponentStatus, LogSink } from './coordinator.ts'
import { putDeadLetter } from './dead-letter-rows.ts'
import type { Journal } from './journal.ts'
import { LogReader } from './log-reader.ts'
import { eventsBetween, parkedKeyOf, parkedKeysOf } from './parked-keys.ts'
import { fateOf, type PageFate } from './page-fate.ts'
import { resolvesPages } from './plan-pending.ts'
import { type ProjectionFailure, ProjectionFailures } from './projection-failures.ts'
import { ProjectionKeys } from './projection-keys.ts'
import { ProjectionRowsBuffer } from './projection-rows.ts'
import type { ProjectorEndpoint } from './projector-endpoint.ts'
import type { Progress } from './progress.ts'
import { putProgress } from './progress-rows.ts'
import type { ComponentHost, ScheduledComponent } from './scheduled-component.ts'
import type { Settlement } from './settlement.ts'
import type { ReactionWatch } from './telemetry/reaction-watch.ts'
import { WatchedProjections } from './watched-projections.ts'
import { withDeadline } from './with-deadline.ts'

/** What a projection needs beside its host. */
export type ProjectionContext = {
  readonly endpoint: ProjectorEndpoint
  readonly ledger: Ledger
  readonly journal: Journal
  readonly clock: Clock
  readonly log: LogSink
  readonly handlerTimeoutMs: number
  readonly watch: ReactionWatch
  /** The space of its rows. */
  readonly space: string
  /** The name its checkpoint stands under: another one for each generation. */
  readonly checkpoint: string
  readonly term: () => readonly Condition[]
}

/** A run of events while it is folded. */
type Run = {
  readonly store: ProjectionRowsBuffer
  readonly done: StoredEvent[]
  readonly failures: Map<string, ProjectionFailure>
}

/** See the top of this file. */
export class ProjectionComponent implements ScheduledComponent {
  readonly name: string
  readonly kind = 'projector'
  readonly checkpoint: string
  readonly progress: Progress
  readonly #context: ProjectionContext
  readonly #host: ComponentHost
  readonly #reader: LogReader
  readonly #keys: ProjectionKeys
  readonly #told: WatchedProjections
  readonly #failures: ProjectionFailures
  #queue: StoredEvent[] = []
  /** Events seen that resolve pending pages. */
  #resolutions = 0
  #running = false
  #stopped = false
  #endedBy: { readonly reason: unknown } | undefined

  constructor(context: ProjectionContext, host: ComponentHost, progress: Progress) {
    this.name = context.endpoint.name
    this.checkpoint = context.checkpoint
    this.progress = progress
    this.#context = context
    this.#host = host
    this.#keys = new ProjectionKeys(context.checkpoint)
    this.#told = new WatchedProjections(this.name, context.checkpoint, host.watched)
    this.#failures = new ProjectionFailures({
      name: this.name,
      host,
      keys: this.#keys,
      clock: context.clock,
      log: context.log,
      watch: context.watch,
      woken: () => {
        this.pump()
        this.#host.changed()
      },
    })
    this.#reader = new LogReader({
      ledger: context.ledger,
      recent: host.recent,
      progress,
      room: () => host.limits.triggersPerComponentMax - this.#queue.length,
      take: (event) => this.#take(event),
      failed: (error) => host.failed(this.name, error),
    })
  }

  follows(event: StoredEvent): boolean {
    return this.#context.endpoint.laneOf(event) !== undefined
  }

  skip(): Settlement {
    return {}
  }

  enqueue(): void {
    // A projector sends nothing, so nothing comes back.
  }

  async recover(): Promise<void> {
    const { ledger, checkpoint } = this.#context
    for (const { lane } of await parkedKeysOf(ledger, checkpoint)) this.#keys.found(lane)
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
    return this.#stopped || !(this.#reader.behind || this.#running || this.#keys.anyWaits)
  }

  status(): Omit<ComponentStatus, 'state'> {
    const behind = Math.max(0, this.#host.recent.tip - this.progress.read)
    return {
      name: this.name,
      kind: this.kind,
      position: this.progress.low,
      lag: behind + this.#queue.length,
      parkedKeys: this.#keys.parked,
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#reader.stop()
    this.#failures.stop()
    while (this.#running) await this.#host.change()
    this.#end(codedError('COORDINATOR_CLOSED', { details: { component: this.name } }))
  }

  #take(event: StoredEvent): void {
    if (resolvesPages(event.type)) {
      this.#resolutions++
      if (this.#keys.resume(streamText(event.key))) this.#start()
    }
    const key = this.#context.endpoint.laneOf(event)
    if (key === undefined || this.#keys.isParked(key)) {
      this.progress.pass(event.position)
      if (key !== undefined) this.#host.watched.parked(this.checkpoint, event, key)
      return
    }
    if (!this.progress.begin(event.position)) {
      this.#host.watched.done(this.checkpoint, event.position)
      return
    }
    this.#queue.push(event)
    this.#start()
  }

  get oldest(): Nanoseconds | undefined {
    return this.#queue[0]?.recordedAt
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
    return this.#keys.isHeld(this.#keyOf(event))
  }

  #keyOf(event: StoredEvent): string {
    return this.#context.endpoint.laneOf(event) ?? ''
  }

  /** Folds a run of events and commits it; answers how many events were looked at. */
  async #fold(): Promise<number> {
    const store = new ProjectionRowsBuffer(this.#context.ledger, this.#context.space)
    const done: StoredEvent[] = []
    const failures = new Map<string, ProjectionFailure>()
    const lines = new Map<string, Promise<void>>()
    const { keysAtOnce = false } = this.#context.endpoint
    let begun = 0
    for (const event of this.#queue) {
      if (begun >= this.#host.limits.eventsPerProjectionMax || this.#stopped) break
      const key = this.#keyOf(event)
      if (failures.has(key) || this.#keys.isHeld(key)) continue
      const fate = event.visibility.kind === 'pending' ? await this.#fateOf(event) : 'confirmed'
      if (fate === 'held') this.#keys.suspend(key)
      if (fate !== 'held') begun++
      if (fate === 'revoked') done.push(event)
      if (fate !== 'confirmed') continue
      const run = { store: keysAtOnce ? store.beside() : store, done, failures }
      const fold = (): undefined | Promise<void> => this.#foldOne(event, key, run)
      const folding = keysAtOnce ? (lines.get(key) ?? Promise.resolve()).then(fold) : fold()
      if (folding === undefined) continue
      if (keysAtOnce) lines.set(key, folding)
      else await folding
    }
    await Promise.all(lines.values())
    if (done.length + failures.size === 0) return 0
    await this.#commit(store, done, [...failures.values()])
    return done.length + failures.size
  }

  /** Folds an event, unless one in front of it with its key has failed. Never rejects. */
  #foldOne(event: StoredEvent, key: string, run: Run): undefined | Promise<void> {
    const { store, done, failures } = run
    if (failures.has(key)) return undefined
    const folded = (): void => {
      this.#told.projected(event, store.keep())
      done.push(event)
      this.#keys.succeeded(key)
    }
    const failed = (error: unknown): void => {
      store.drop()
      failures.set(key, { event, key, error })
    }
    try {
      const folding = this.#context.watch.projected(this.name, event, () =>
        this.#context.endpoint.project(event, store),
      )
      if (folding !== undefined) return withDeadline(folding, this.#context).then(folded, failed)
      folded()
    } catch (error) {
      failed(error)
    }
    return undefined
  }

  /** Looked up again when anything was resolved while it was looked up. */
  async #fateOf(page: StoredEvent): Promise<PageFate> {
    for (;;) {
      const before = this.#resolutions
      const fate = await fateOf(this.#context.ledger, page)
      if (fate !== 'held' || before === this.#resolutions) return fate
    }
  }

  async #commit(
    store: ProjectionRowsBuffer,
    done: readonly StoredEvent[],
    failures: readonly ProjectionFailure[],
  ): Promise<void> {
    const { letters, ended, skipped, halt } = this.#failures.judge(failures)
    if (halt !== undefined) this.#halt(halt.error)
    this.#haltIfTooManyAreParked()
    const gone = new Set([...done, ...skipped])
    const parked = new Set(letters.map(({ lane }) => lane))
    const behind: StoredEvent[] = []
    this.#queue = this.#queue.filter((event) => {
      if (!gone.has(event) && !parked.has(this.#keyOf(event))) return true
      if (!gone.has(event)) behind.push(event)
      this.progress.finish(event.position)
      return false
    })
    const rejoined = this.#keys.rejoined((key) =>
      this.#queue.find((event) => this.#keyOf(event) === key),
    )
    const rows: RowChange[] = [
      ...store.changes(),
      putProgress(this.#context.checkpoint, this.progress.record()),
      ...ended,
      ...letters.flatMap((letter) => [
        putDeadLetter(letter),
        ...(letter.lane === '' ? [] : [this.#keys.parkedRow(letter, Number(letter.position))]),
      ]),
      ...rejoined.rows,
    ]
    await this.#commitUntilStored(rows)
    for (const { resolve } of rejoined.replays) resolve()
    this.#told.stored(
      done,
      failures.filter(({ key }) => !this.#keys.waits(key)),
    )
    for (const event of behind)
      this.#host.watched.parked(this.checkpoint, event, this.#keyOf(event))
  }

  #haltIfTooManyAreParked(): void {
    const { parked } = this.#keys
    if (parked <= this.#host.limits.parkedKeysMax) return
    const details = { component: this.name, parked }
    this.#halt(codedError('TOO_MANY_PARKED_KEYS', { details }))
  }

  #halt(error: unknown): void {
    this.#end(error)
    this.#host.halt(this.name, error)
  }

  /** Nothing begins any more; who waits for a key to catch up is told why. */
  #end(reason: unknown): void {
    this.#stopped = true
    this.#endedBy ??= { reason }
    this.#reader.stop()
    this.#keys.close(this.#endedBy.reason)
    const why = this.#endedBy.reason
    this.#host.watched.abandon(this.checkpoint, why instanceof Error ? why : new Error(String(why)))
  }

  async #commitUntilStored(rows: readonly RowChange[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const conditions = this.#context.term()
        const outcome = await this.#context.journal.commit({ conditions, rows })
        if (outcome.kind === 'committed') return
        this.#halt(codedError('LEASE_LOST', { details: { component: this.name } }))
        return
      } catch (error) {
        if (this.#stopped || dispositionOfError(error) !== 'retry') {
          // The progress in memory is ahead of what is stored, and must not be written down.
          this.#halt(error)
          throw error
        }
        this.#host.failed(this.name, error)
        await this.#failures.pause(attempt)
      }
    }
  }

  async takeUp(entry: DeadLetterEntry, discard: boolean): Promise<void> {
    const { ledger, checkpoint } = this.#context
    const { lane: key } = entry
    const parked = await parkedKeyOf(ledger, checkpoint, key)
    if (this.#endedBy !== undefined) throw this.#endedBy.reason
    if (!this.#keys.isParked(key) || parked?.deadLetter !== entry.id) {
      throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id: entry.id } })
    }
    const leaveParked = this.#keys.hold(key)
    const upTo = this.progress.read
    const from = Number(parked.firstPosition)
    const concerns = (event: StoredEvent): boolean => this.#keyOf(event) === key
    try {
      const missed = await eventsBetween(ledger, { from, upTo, concerns })
      const skip: Position = discard ? Number(entry.position) : -1
      this.#queue = [...missed.filter(({ position }) => position !== skip), ...this.#queue].sort(
        (one, other) => one.position - other.position,
      )
    } catch (error) {
      leaveParked()
      throw error
    }
    const done = new Promise<void>((resolve, reject) => {
      this.#keys.rejoin(key, entry, { resolve, reject })
    })
    if (this.#queue.some(concerns)) this.pump()
    else await this.#nothingMissed()
    return done
  }

  /** The failed event was given up and nothing came behind it. */
  async #nothingMissed(): Promise<void> {
    const { rows, replays } = this.#keys.rejoined((key) =>
      this.#queue.find((event) => this.#keyOf(event) === key),
    )
    await this.#commitUntilStored(rows)
    for (const { resolve } of replays) resolve()
  }
}
