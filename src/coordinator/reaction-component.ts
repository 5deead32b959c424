/**
 * Runs one saga or process manager (design section 6).
 *
 * 1. Each key has a lane; a lane finishes the deliveries of one reaction before it begins the
 *    next. Different lanes go concurrently, bounded.
 * 2. A message that fails is tried again with backoff, then becomes a dead letter that keeps its
 *    place: its key is parked, other keys go on, and the low-water mark passes parked keys.
 * 3. Replay and discard read the key again from where it was parked; then it rejoins.
 */
import { codedError, codeOf, messageOf } from '../errors.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Position } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { allRows } from './all-rows.ts'
import { backoffMs } from './backoff.ts'
import type { ComponentStatus } from './coordinator.ts'
import { deadLetterOfDelivery, deadLetterOfEvent } from './dead-letter-rows.ts'
import { type Delivery, deliveryOf, isUndo } from './delivery.ts'
import { HeldLanes } from './held-lanes.ts'
import { addDeliveries, type Lane, nextBatch } from './lane.ts'
import { type GivenUp, LaneParking } from './lane-parking.ts'
import { LanePool } from './lane-pool.ts'
import { LogReader } from './log-reader.ts'
import { OpenDeliveries } from './open-deliveries.ts'
import type { Progress } from './progress.ts'
import type { ReactionContext } from './reaction-context.ts'
import { runDelivery } from './run-delivery.ts'
import { runOf, runReaction, triggerClaim, underWay } from './run-reaction.ts'
import type { ComponentHost, ScheduledComponent } from './scheduled-component.ts'
import type { Settlement } from './settlement.ts'
import { DELIVERIES } from './spaces.ts'
import { originOf } from './trigger.ts'

/** See the top of this file. */
export class ReactionComponent implements ScheduledComponent {
  readonly name: string
  readonly kind: 'saga' | 'process_manager'
  readonly checkpoint: string
  readonly progress: Progress
  readonly #context: ReactionContext
  readonly #host: ComponentHost
  readonly #reader: LogReader
  readonly #pool: LanePool
  readonly #parking: LaneParking
  readonly #open: OpenDeliveries
  readonly #held: HeldLanes
  /** Events up to here may have been reacted to by an earlier process. */
  readonly #claimedUpTo: Position
  /** Events in lanes. */
  #queued = 0
  #ended: { readonly reason: unknown } | undefined

  constructor(context: ReactionContext, host: ComponentHost, progress: Progress) {
    this.name = context.endpoint.name
    this.kind = context.endpoint.kind
    this.checkpoint = this.name
    this.progress = progress
    this.#context = context
    this.#host = {
      ...host,
      halt: (component, error) => {
        this.#end(error)
        host.halt(component, error)
      },
    }
    this.#claimedUpTo = host.recent.tip
    this.#open = new OpenDeliveries(context)
    this.#held = new HeldLanes(context.ledger, () => this.#pool)
    this.#parking = new LaneParking(context, this.#host)
    this.#pool = new LanePool({
      clock: context.clock,
      widthMax: host.limits.lanesPerComponentMax,
      work: (lane) => this.#work(lane),
      changed: () => this.#changed(),
    })
    this.#reader = new LogReader({
      ledger: context.ledger,
      recent: host.recent,
      progress,
      room: () => this.#room(),
      take: (event) => this.#take(event),
      failed: (error) => host.failed(this.name, error),
    })
  }

  follows(event: StoredEvent): boolean {
    return this.#context.endpoint.laneOf(event) !== undefined
  }

  skip(event: StoredEvent): Settlement {
    return { conditions: this.#context.term(), claims: [triggerClaim(this.name, event)] }
  }

  enqueue(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const lane = this.#pool.lane(delivery.lane)
      addDeliveries(lane, [delivery])
      this.#pool.schedule(lane)
    }
  }

  /** Takes up what an earlier process left: parked keys and deliveries under way. */
  async recover(): Promise<void> {
    await this.#parking.recover(this.#pool)
    for await (const row of allRows(this.#context.ledger, DELIVERIES, `${this.name}/`)) {
      const delivery = deliveryOf(row)
      const lane = this.#pool.lane(delivery.lane)
      addDeliveries(lane, [delivery])
      this.#pool.schedule(lane)
    }
  }

  pump(): void {
    if (!this.#stopped) this.#reader.pump()
  }

  get settled(): boolean {
    return this.#stopped || (!this.#reader.behind && this.#pool.quiet)
  }

  status(): Omit<ComponentStatus, 'state'> {
    return {
      name: this.name,
      kind: this.kind,
      position: this.progress.low,
      lag: Math.max(0, this.#host.recent.tip - this.progress.read) + this.#queued,
      parkedKeys: this.#parking.count,
    }
  }

  get oldest(): Nanoseconds | undefined {
    return this.#pool.oldest
  }

  /** Begins nothing more; resolves when what has begun has ended. */
  async stop(): Promise<void> {
    this.#end(codedError('COORDINATOR_CLOSED', { details: { component: this.name } }))
    while (this.#pool.busy) await this.#host.change()
  }

  /** Takes up a parked key again, without its failed message when that is given up. */
  async takeUp(entry: DeadLetterEntry, discard: boolean): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended.reason
    const lane = this.#pool.find(entry.lane)
    if (lane === undefined) {
      throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id: entry.id } })
    }
    const upTo = this.progress.read
    const { missed, done } = await this.#parking.takeUp({ lane, entry, upTo, discard })
    lane.triggers.unshift(...missed)
    this.#queued += missed.length
    for (const event of missed) this.#counted(event, 'began')
    lane.state = 'idle'
    this.#pool.schedule(lane)
    await done
  }

  /** Nothing begins any more; who waits for a key to catch up is told why. */
  #end(reason: unknown): void {
    this.#ended ??= { reason }
    this.#reader.stop()
    this.#pool.stop()
    for (const lane of this.#pool.all) {
      lane.replay?.reject(reason)
      this.#open.abandon(lane, asError(reason))
    }
    this.#host.watched.abandon(this.name, asError(reason))
  }

  get #stopped(): boolean {
    return this.#ended !== undefined
  }

  #room(): number {
    const { limits } = this.#host
    if (this.progress.ahead >= limits.positionsAheadMax) return 0
    return limits.triggersPerComponentMax - this.#queued
  }

  #take(event: StoredEvent): void {
    this.#held.wake(event)
    const key = this.#context.endpoint.laneOf(event)
    // Events of a parked key are not copied: the key reads them again when it is taken up.
    if (key === undefined || this.#pool.find(key)?.state === 'parked') {
      this.progress.pass(event.position)
      if (key !== undefined) this.#host.watched.parked(this.name, event, key)
      return
    }
    if (!this.progress.begin(event.position)) {
      this.#host.watched.done(this.name, event.position)
      return
    }
    const lane = this.#pool.lane(key)
    lane.triggers.push(event)
    this.#queued++
    this.#counted(event, 'began')
    this.#pool.schedule(lane)
  }

  /** Who reads what it has brought about does not wait for what is pending. */
  #counted({ visibility, correlationId }: StoredEvent, what: 'began' | 'ended'): void {
    if (visibility.kind !== 'pending') this.#context.consequences[what](correlationId)
  }

  #changed(): void {
    this.#reader.pump()
    this.#host.changed()
  }

  /** Never rejects. */
  async #work(lane: Lane): Promise<void> {
    try {
      while (!this.#stopped && lane.state === 'running') {
        if (lane.open.length === 0) this.#finished(lane)
        if (lane.open.length > 0) await this.#deliver(lane)
        else if (lane.triggers.length > 0) await this.#react(lane)
        else if (lane.deadLetter !== undefined) await this.#parking.leave(lane)
        else return
      }
    } catch (error) {
      this.#host.failed(this.name, error)
      if (lane.state === 'running') this.#pool.sleep(lane, this.#delayMs(1))
    }
  }

  async #react(lane: Lane): Promise<void> {
    const event = lane.triggers[0]
    if (event === undefined) return
    const watched = this.#host.watched.find(this.name, event.position)
    if (event.visibility.kind === 'pending' && watched === undefined) {
      const fate = await this.#held.fateFor(lane, event)
      if (fate === 'revoked') this.#finish(lane, event)
      if (fate !== 'confirmed') return
    }
    if (watched !== undefined && !(await watched.place.cascade.enter())) {
      this.#finish(lane, event)
      return
    }
    try {
      lane.attempts++
      const run = runOf(this.#context, lane.key, event, watched?.place)
      if (!(await this.#hasRun(event, lane))) {
        this.#emitted(lane, await runReaction(this.#context, run))
      } else if (lane.attempts > 1) {
        // Nobody could tell what became of the run before: what it emitted is not in the lane.
        this.#emitted(lane, await underWay(this.#context, run.emitter))
      }
      this.#finish(lane, event)
    } catch (error) {
      if (watched !== undefined && codeOf(error) === 'CASCADE_RESOLVED') {
        // Its cascade has ended meanwhile: what became of the page is looked up.
        this.#host.watched.done(this.name, event.position)
        lane.attempts = 0
      } else await this.#reactionFailed(lane, event, error)
    } finally {
      watched?.place.cascade.leave()
    }
  }

  async #hasRun(event: StoredEvent, lane: Lane): Promise<boolean> {
    const isNew = event.position > this.#claimedUpTo && lane.attempts === 1
    if (isNew && lane.replay === undefined) return false
    const claim = triggerClaim(this.name, event)
    return (await this.#context.ledger.claimed(claim)) !== undefined
  }

  #finish(lane: Lane, event: StoredEvent): void {
    lane.triggers.shift()
    if (event.visibility.kind !== 'pending') lane.unfinished.push(event.correlationId)
    lane.attempts = 0
    this.#queued--
    this.progress.finish(event.position)
    this.#host.watched.done(this.name, event.position)
    this.#host.progressed(this.name)
  }

  async #reactionFailed(lane: Lane, event: StoredEvent, error: unknown): Promise<void> {
    if (this.#halts(error) || this.#triesAgain(lane, lane.attempts, error)) return
    const { name: component, kind } = this
    const { attempts, key } = lane
    const now = this.#context.clock.wall()
    const entry = deadLetterOfEvent({ component, kind, lane: key, event, error, attempts, now })
    const watched = this.#host.watched.find(component, event.position)
    // What a request undoes altogether holds nobody up.
    const skips = watched?.place.cascade.compensates === true
    const place = {
      component,
      componentKind: kind,
      lane: key,
      origin: originOf({ kind: 'event', event }),
      term: this.#context.term,
    }
    const at = skips ? place : undefined
    await this.#giveUp(lane, { entry, from: event.position, error, skips }, () =>
      this.#host.watched.failed(component, event.position, asError(error), at),
    )
    if (lane.state !== 'parked') this.#finish(lane, event)
  }

  /** What a reaction has set under way. */
  #emitted(lane: Lane, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#open.begin(delivery)
    addDeliveries(lane, deliveries)
  }

  async #deliver(lane: Lane): Promise<void> {
    const batch = nextBatch(lane)
    const results = await Promise.allSettled(batch.map((delivery) => this.#run(delivery)))
    let failure: { readonly delivery: Delivery; readonly error: unknown } | undefined
    for (const [index, result] of results.entries()) {
      const delivery = batch[index]
      if (delivery === undefined) continue
      if (result.status === 'rejected') failure ??= { delivery, error: result.reason }
      else delivered(lane, delivery, result.value)
    }
    if (failure !== undefined) await this.#deliveryFailed(lane, failure.delivery, failure.error)
  }

  async #run(delivery: Delivery): Promise<readonly Delivery[]> {
    if (delivery.cascade !== undefined && !(await this.#open.entered(delivery))) return []
    try {
      delivery.attempts++
      const news = await runDelivery(this.#context, delivery)
      for (const item of news) this.#open.begin(item)
      this.#open.end(delivery)
      return news
    } finally {
      this.#open.left(delivery)
    }
  }

  async #deliveryFailed(lane: Lane, delivery: Delivery, error: unknown): Promise<void> {
    if (this.#halts(error) || this.#triesAgain(lane, delivery.attempts, error)) return
    const entry = deadLetterOfDelivery({ delivery, error, now: this.#context.clock.wall() })
    const from = lane.triggers[0]?.position ?? this.progress.read + 1
    // An undo that fails keeps no other one from being tried (P6).
    const skips = delivery.cascade?.cascade.compensates === true || isUndo(delivery)
    await this.#giveUp(lane, { entry, from, error, delivery, skips }, () =>
      this.#open.failed(delivery, asError(error), skips),
    )
    if (lane.state !== 'parked') lane.open = lane.open.filter((item) => item !== delivery)
  }

  async #giveUp(lane: Lane, letter: GivenUp, tell: () => void): Promise<void> {
    const given = await this.#parking.giveUp(lane, letter)
    tell()
    for (const event of given) {
      this.progress.finish(event.position)
      this.#counted(event, 'ended')
      this.#host.watched.parked(this.name, event, lane.key)
    }
    if (lane.state === 'parked') this.#open.parked(lane)
    this.#finished(lane)
    this.#queued -= given.length
    this.#host.progressed(this.name)
  }

  /** All that the lane has begun is delivered, or given up. */
  #finished(lane: Lane): void {
    for (const id of lane.unfinished.splice(0)) this.#context.consequences.ended(id)
  }

  #triesAgain(lane: Lane, attempt: number, error: unknown): boolean {
    const retry = dispositionOfError(error) === 'retry'
    if (!retry || attempt >= this.#host.settings.attempts) return false
    const trigger = lane.triggers[0]
    this.#context.watch.retried(this.kind, this.name, lane.open[0]?.traceparent)
    const correlation_id = lane.open[0]?.origin.correlationId ?? trigger?.correlationId ?? ''
    const { name: component } = this
    const said = { component, key: lane.key, attempt, correlation_id, error: messageOf(error) }
    this.#context.log('warn', 'reaction_retried', said)
    this.#pool.sleep(lane, this.#delayMs(attempt))
    return true
  }

  #delayMs(attempt: number): number {
    const { limits, random } = this.#host
    const backoff = { msMin: limits.reactionBackoffMsMin, msMax: limits.reactionBackoffMsMax }
    return backoffMs(backoff, attempt, random.fraction())
  }

  #halts(error: unknown): boolean {
    if (dispositionOfError(error) !== 'halt') return false
    this.#host.halt(this.name, error)
    return true
  }
}

function delivered(lane: Lane, delivery: Delivery, news: readonly Delivery[]): void {
  lane.open = lane.open.filter((item) => item !== delivery)
  addDeliveries(lane, news)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
