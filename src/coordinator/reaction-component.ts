/**
 * Runs one saga or process manager (design section 6).
 *
 * 1. Each key has a lane; a lane finishes the deliveries of one reaction before it begins the
 *    next. Different lanes go concurrently, bounded.
 * 2. A message that fails is tried again with backoff, then becomes a dead letter that keeps its
 *    place: its key is parked, other keys go on, and the low-water mark passes parked keys.
 * 3. Replay and discard read the key again from where it was parked; then it rejoins.
 */
import { codedError } from '../errors.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import { backoffMs } from './backoff.ts'
import type { ComponentHost, ScheduledComponent } from './scheduled-component.ts'
import type { ComponentStatus } from './coordinator.ts'
import {
  deadLetterOfDelivery,
  deadLetterOfEvent,
  putDeadLetter,
  removeDeadLetter,
} from './dead-letter-rows.ts'
import { type Delivery, deliveryOf, removeDelivery, rowKeyOf } from './delivery.ts'
import { addDeliveries, type Lane, newLane, nextBatch } from './lane.ts'
import { LogReader } from './log-reader.ts'
import {
  eventsBetween,
  parkedKeyOf,
  parkedKeyRow,
  parkedKeysOf,
  removeParkedKey,
} from './parked-keys.ts'
import type { Progress } from './progress.ts'
import type { ReactionContext } from './reaction-context.ts'
import { handledNews, runDelivery } from './run-delivery.ts'
import { runOf, runReaction, triggerClaim } from './run-reaction.ts'
import { DELIVERIES } from './spaces.ts'
import { allRows } from './all-rows.ts'

/** See the top of this file. */
export class ReactionComponent implements ScheduledComponent {
  readonly name: string
  readonly kind: 'saga' | 'process_manager'
  readonly progress: Progress
  readonly #context: ReactionContext
  readonly #host: ComponentHost
  readonly #reader: LogReader
  readonly #lanes = new Map<string, Lane>()
  readonly #ready: Lane[] = []
  /** Events up to here may have been reacted to by an earlier process. */
  readonly #claimedUpTo: number
  #active = 0
  #waiting = 0
  #queued = 0
  #parked = 0
  #stopped = false

  constructor(context: ReactionContext, host: ComponentHost, progress: Progress) {
    this.name = context.endpoint.name
    this.kind = context.endpoint.kind
    this.progress = progress
    this.#context = context
    this.#host = host
    this.#claimedUpTo = host.recent.tip
    this.#reader = new LogReader({
      ledger: context.ledger,
      recent: host.recent,
      progress,
      room: () => this.#room(),
      take: (event) => this.#take(event),
      failed: (error) => host.failed(this.name, error),
    })
  }

  /** Takes up what an earlier process left: parked keys and deliveries under way. */
  async recover(): Promise<void> {
    const { ledger } = this.#context
    for (const parked of await parkedKeysOf(ledger, this.name)) {
      const lane = this.#lane(parked.lane)
      lane.state = 'parked'
      lane.deadLetter = parked.deadLetter
      this.#parked++
    }
    for await (const row of allRows(ledger, DELIVERIES, `${this.name}/`)) {
      const delivery = deliveryOf(row)
      const lane = this.#lane(delivery.lane)
      addDeliveries(lane, [delivery])
      this.#schedule(lane)
    }
  }

  pump(): void {
    if (this.#stopped) return
    this.#reader.pump()
  }

  get settled(): boolean {
    return (
      this.#stopped ||
      (!this.#reader.behind && this.#active + this.#waiting + this.#ready.length === 0)
    )
  }

  status(): Omit<ComponentStatus, 'state'> {
    return {
      name: this.name,
      kind: this.kind,
      position: this.progress.low,
      lag: Math.max(0, this.#host.recent.tip - this.progress.read) + this.#queued,
      parkedKeys: this.#parked,
    }
  }

  /** Begins nothing more; resolves when what has begun has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#reader.stop()
    this.#ready.length = 0
    while (this.#active > 0) await this.#host.change()
  }

  #room(): number {
    const { limits } = this.#host
    if (this.progress.ahead >= limits.positionsAheadMax) return 0
    return limits.triggersPerComponentMax - this.#queued
  }

  #take(event: StoredEvent): void {
    const key = this.#context.endpoint.laneOf(event)
    if (key === undefined) {
      this.progress.pass(event.position)
      return
    }
    const lane = this.#lanes.get(key)
    if (lane?.state === 'parked') {
      // Not copied: the key reads it again when it is taken up.
      this.progress.pass(event.position)
      return
    }
    if (!this.progress.begin(event.position)) return
    const taken = lane ?? this.#lane(key)
    taken.triggers.push(event)
    this.#queued++
    this.#schedule(taken)
  }

  #lane(key: string): Lane {
    const found = this.#lanes.get(key)
    if (found !== undefined) return found
    const made = newLane(key)
    this.#lanes.set(key, made)
    return made
  }

  #schedule(lane: Lane): void {
    if (lane.state !== 'idle' || this.#stopped) return
    lane.state = 'ready'
    this.#ready.push(lane)
    this.#dispatch()
  }

  #dispatch(): void {
    while (this.#active < this.#host.limits.lanesPerComponentMax) {
      const lane = this.#ready.shift()
      if (lane === undefined) return
      lane.state = 'running'
      this.#active++
      void this.#run(lane)
    }
  }

  /** Never rejects. */
  async #run(lane: Lane): Promise<void> {
    try {
      while (!this.#stopped && lane.state === 'running') {
        if (lane.open.length > 0) await this.#deliver(lane)
        else if (lane.triggers.length > 0) await this.#react(lane)
        else {
          await this.#caughtUp(lane)
          if (lane.open.length === 0 && lane.triggers.length === 0) break
        }
      }
    } catch (error) {
      this.#host.failed(this.name, error)
    }
    this.#active--
    if (lane.state === 'running') {
      lane.state = 'idle'
      if (lane.open.length > 0 || lane.triggers.length > 0) this.#schedule(lane)
      else this.#lanes.delete(lane.key)
    }
    this.#dispatch()
    this.#reader.pump()
    this.#host.changed()
  }

  async #react(lane: Lane): Promise<void> {
    const event = lane.triggers[0]
    if (event === undefined) return
    try {
      lane.attempts++
      if (!(await this.#alreadyRun(event, lane))) {
        addDeliveries(lane, await runReaction(this.#context, runOf(this.#context, lane.key, event)))
      }
      this.#finish(lane, event)
    } catch (error) {
      await this.#reactionFailed(lane, event, error)
    }
  }

  async #alreadyRun(event: StoredEvent, lane: Lane): Promise<boolean> {
    if (event.position > this.#claimedUpTo && lane.replay === undefined) return false
    const claim = triggerClaim(this.name, event)
    return (await this.#context.ledger.claimed(claim)) !== undefined
  }

  #finish(lane: Lane, event: StoredEvent): void {
    lane.triggers.shift()
    lane.attempts = 0
    this.#queued--
    this.progress.finish(event.position)
    this.#host.progressed(this.name)
  }

  async #reactionFailed(lane: Lane, event: StoredEvent, error: unknown): Promise<void> {
    if (this.#halts(error)) return
    const retry = dispositionOfError(error) === 'retry'
    if (retry && lane.attempts < this.#host.settings.attempts) {
      this.#sleep(lane, lane.attempts, error)
      return
    }
    const now = this.#context.clock.wall()
    const entry = deadLetterOfEvent({
      component: this.name,
      kind: this.kind,
      lane: lane.key,
      event,
      error,
      attempts: lane.attempts,
      now,
    })
    await this.#deadLetter(lane, entry, event.position, error, undefined)
    if (lane.state !== 'parked') this.#finish(lane, event)
  }

  async #deliver(lane: Lane): Promise<void> {
    const batch = nextBatch(lane)
    const results = await Promise.allSettled(
      batch.map((delivery) => {
        delivery.attempts++
        return runDelivery(this.#context, delivery)
      }),
    )
    let failure: { readonly delivery: Delivery; readonly error: unknown } | undefined
    for (const [index, result] of results.entries()) {
      const delivery = batch[index]
      if (delivery === undefined) continue
      if (result.status === 'rejected') failure ??= { delivery, error: result.reason }
      else this.#delivered(lane, delivery, result.value)
    }
    if (failure !== undefined) await this.#deliveryFailed(lane, failure.delivery, failure.error)
  }

  #delivered(lane: Lane, delivery: Delivery, news: readonly Delivery[]): void {
    lane.open = lane.open.filter((item) => item !== delivery)
    const handled = handledNews(delivery)
    addDeliveries(lane, handled === undefined ? news : [...news, { ...handled, attempts: 0 }])
  }

  async #deliveryFailed(lane: Lane, delivery: Delivery, error: unknown): Promise<void> {
    if (this.#halts(error)) return
    const retry = dispositionOfError(error) === 'retry'
    if (retry && delivery.attempts < this.#host.settings.attempts) {
      this.#sleep(lane, delivery.attempts, error)
      return
    }
    const now = this.#context.clock.wall()
    const entry = deadLetterOfDelivery({ delivery, error, now })
    const first = lane.triggers[0]?.position ?? this.progress.read + 1
    await this.#deadLetter(lane, entry, first, error, delivery)
    if (lane.state !== 'parked') lane.open = lane.open.filter((item) => item !== delivery)
  }

  async #deadLetter(
    lane: Lane,
    entry: ReturnType<typeof deadLetterOfDelivery>,
    firstPosition: number,
    error: unknown,
    delivery: Delivery | undefined,
  ): Promise<void> {
    const park = this.#host.settings.onExhausted === 'park'
    const old = lane.deadLetter
    const rows = park
      ? [
          putDeadLetter(entry),
          parkedKeyRow(entry, firstPosition),
          // Replayed with success; what fails now is a later message of the key.
          ...(old === undefined || old === entry.id ? [] : [removeDeadLetter(old)]),
        ]
      : [putDeadLetter({ ...entry, lane: '' }), ...(delivery ? [removeDelivery(delivery)] : [])]
    const outcome = await this.#context.journal.commit({ conditions: this.#context.term(), rows })
    if (outcome.kind !== 'committed') {
      this.#host.halt(this.name, codedError('LEASE_LOST', { details: { component: this.name } }))
      lane.state = 'idle'
      return
    }
    this.#context.log('error', 'dead_letter', {
      component: this.name,
      key: lane.key,
      id: entry.id,
      error: error instanceof Error ? error.message : String(error),
    })
    if (park) this.#park(lane, entry.id, error)
  }

  #park(lane: Lane, deadLetter: string, error: unknown): void {
    if (lane.deadLetter === undefined) this.#parked++
    lane.state = 'parked'
    lane.deadLetter = deadLetter
    for (const event of lane.triggers.splice(0)) {
      this.#queued--
      this.progress.finish(event.position)
    }
    lane.attempts = 0
    lane.replay?.reject(error)
    lane.replay = undefined
    this.#host.progressed(this.name)
    if (this.#parked > this.#host.limits.parkedKeysMax) {
      const details = { component: this.name, parked: this.#parked }
      this.#host.halt(this.name, codedError('TOO_MANY_PARKED_KEYS', { details }))
    }
  }

  #halts(error: unknown): boolean {
    if (dispositionOfError(error) !== 'halt') return false
    this.#stopped = true
    this.#host.halt(this.name, error)
    return true
  }

  #sleep(lane: Lane, attempt: number, error: unknown): void {
    const { limits, random } = this.#host
    const backoff = { msMin: limits.reactionBackoffMsMin, msMax: limits.reactionBackoffMsMax }
    lane.state = 'waiting'
    this.#waiting++
    this.#context.log('warn', 'reaction_retried', {
      component: this.name,
      key: lane.key,
      attempt,
      error: error instanceof Error ? error.message : String(error),
    })
    this.#context.clock.after(backoffMs(backoff, attempt, random.fraction()), () => {
      this.#waiting--
      lane.state = 'idle'
      this.#schedule(lane)
      this.#host.changed()
    })
  }

  /** Takes up a parked key again, without its failed message when that is given up. */
  async takeUp(
    entry: {
      readonly id: string
      readonly lane: string
      readonly deliveryKey: string
      readonly position: bigint
    },
    discard: boolean,
  ): Promise<void> {
    const lane = this.#lanes.get(entry.lane)
    const parked = await parkedKeyOf(this.#context.ledger, this.name, entry.lane)
    if (lane === undefined || lane.state !== 'parked' || parked?.deadLetter !== entry.id) {
      throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id: entry.id } })
    }
    lane.state = 'rejoining'
    const upTo = this.progress.read
    const from = Number(parked.firstPosition)
    const skip = discard && entry.deliveryKey === '' ? Number(entry.position) : -1
    try {
      if (discard) await this.#discardDelivery(lane, entry.deliveryKey)
      const { ledger, endpoint } = this.#context
      const concerns = (event: StoredEvent): boolean => endpoint.laneOf(event) === lane.key
      for (const event of await eventsBetween(ledger, { from, upTo, concerns })) {
        if (event.position === skip) continue
        lane.triggers.push(event)
        this.#queued++
      }
      lane.triggers.sort((one, other) => one.position - other.position)
    } catch (error) {
      lane.state = 'parked'
      throw error
    }
    for (const delivery of lane.open) delivery.attempts = 0
    const done = new Promise<void>((resolve, reject) => {
      lane.replay = { upTo, resolve, reject }
    })
    lane.state = 'idle'
    this.#schedule(lane)
    return done
  }

  async #discardDelivery(lane: Lane, deliveryKey: string): Promise<void> {
    const delivery = lane.open.find((item) => rowKeyOf(item) === deliveryKey)
    if (delivery === undefined) return
    await this.#context.journal.commit({
      conditions: this.#context.term(),
      rows: [removeDelivery(delivery)],
    })
    lane.open = lane.open.filter((item) => item !== delivery)
  }

  /** A replayed key has done all that passed by: it is a key like any other again. */
  async #caughtUp(lane: Lane): Promise<void> {
    const { replay, deadLetter } = lane
    if (deadLetter === undefined) return
    await this.#context.journal.commit({
      conditions: this.#context.term(),
      rows: removeParkedKey(this.name, lane.key, deadLetter),
    })
    lane.deadLetter = undefined
    lane.replay = undefined
    this.#parked--
    replay?.resolve()
  }
}
