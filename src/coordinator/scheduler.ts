/**
 * The scheduler: the only thing that runs sagas, process managers and projectors. It follows the
 * ledger, which is the outbox.
 *
 * 1. A component runs under a lease, from the position it has reached in this ledger.
 * 2. Progress that no reaction writes down is written down now and then; what lies between is
 *    protected by claims.
 */
import type { Clock } from '../clock.ts'
import { codedError, messageOf } from '../errors.ts'
import type { Random } from '../identity.ts'
import type { Condition, Ledger, RowChange, StoredEvent } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import type { ComponentStatus, LogSink } from './coordinator.ts'
import type { Journal } from './journal.ts'
import type { Leases } from './leases.ts'
import { Progress, type ProgressRecord } from './progress.ts'
import { isTakenIn } from './is-taken-in.ts'
import { progressOf, putProgress } from './progress-rows.ts'
import { pruneClaims } from './prune-claims.ts'
import type { Delivery } from './delivery.ts'
import type { Cascades } from './cascades.ts'
import type { RecentLog } from './recent-log.ts'
import { WatchedEvents } from './watched-events.ts'
import type {
  Bounds,
  ComponentHost,
  ReactionSettings,
  ScheduledComponent,
} from './scheduled-component.ts'
import { PROGRESS } from './spaces.ts'
import type { ComponentLoad } from './telemetry/coordinator-gauges.ts'
import { Upkeep } from './upkeep.ts'

/** How often the ledger is asked whether another process has written. */
const FOREIGN_POLL_MS = 50

/** A component that the scheduler is to run. */
export type ComponentPlan = {
  readonly name: string
  readonly kind: ScheduledComponent['kind']
  /** The name its checkpoint stands under. */
  readonly checkpoint: string
  /** Where it begins in a ledger that does not know it. */
  readonly start: ProgressRecord
  readonly settings: ReactionSettings
  readonly make: (
    host: ComponentHost,
    progress: Progress,
    term: () => readonly Condition[],
  ) => ScheduledComponent
}

type Seat = {
  readonly plan: ComponentPlan
  component: ScheduledComponent | undefined
  state: ComponentStatus['state']
  dirty: boolean
  /** Why it is halted. */
  error: Error | undefined
  /** True for a new generation that has not caught up: requests do not wait for it. */
  catchesUp: boolean
}

/** What the scheduler needs. */
export type SchedulerOptions = {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly recent: RecentLog
  readonly leases: Leases
  readonly cascades: Pick<Cascades, 'reap'>
  readonly clock: Clock
  readonly random: Random
  readonly bounds: Bounds
  readonly log: LogSink
  /** Removes payloads that nobody needs any more, where they are kept beside the ledger. */
  readonly sweep?: (() => Promise<unknown>) | undefined
}

/** See the top of this file. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #seats = new Map<string, Seat>()
  readonly #waiters: (() => void)[] = []
  readonly #upkeep: Upkeep
  readonly #watched = new WatchedEvents(() => this.#running(true))
  #foreignWrites: number
  #stopped = false
  #unsubscribe: () => void

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#upkeep = new Upkeep(options.clock, options.log)
    this.#foreignWrites = options.ledger.foreignWrites()
    this.#unsubscribe = options.recent.onGrowth(() => this.#pumpAll())
    options.journal.tell(this.#watched)
  }

  /** Begins to run components. */
  async start(plans: readonly ComponentPlan[]): Promise<void> {
    for (const plan of plans) await this.add(plan)
    const { bounds } = this.#options
    this.#upkeep.every(bounds.leaseRenewalMs, () => this.#renew())
    this.#upkeep.every(bounds.progressFlushMs, () => this.#flush())
    const { ledger, journal, clock } = this.#options
    const retentionMs = bounds.claimRetentionMs
    this.#upkeep.every(bounds.claimPruningMs, () =>
      pruneClaims({ ledger, journal, clock, retentionMs }),
    )
    this.#upkeep.every(bounds.pendingReapingMs, async () => {
      await this.#options.cascades.reap()
    })
    const { sweep } = this.#options
    if (sweep !== undefined) {
      this.#upkeep.every(bounds.payloadSweepingMs, async () => void (await sweep()))
    }
    this.#upkeep.every(FOREIGN_POLL_MS, () => this.#lookForForeignWrites())
  }

  /** Begins to run one more component; `catchesUp` until it is asked for by `caughtUp`. */
  async add(plan: ComponentPlan, catchesUp = false): Promise<void> {
    const seat: Seat = {
      plan,
      component: undefined,
      state: 'waiting-for-lease',
      dirty: false,
      error: undefined,
      catchesUp,
    }
    this.#seats.set(plan.checkpoint, seat)
    await this.#seatIfFree(seat)
  }

  /** Stops one component and forgets it. */
  async remove(checkpoint: string): Promise<void> {
    const seat = this.#seats.get(checkpoint)
    this.#seats.delete(checkpoint)
    this.#watched.release(checkpoint)
    await seat?.component?.stop()
    await this.#options.leases.giveUp(checkpoint)
  }

  /**
   * Resolves when a component has nothing left to do.
   *
   * @throws CodedError `LEASE_LOST` when it does not run here, or whatever has halted it
   */
  async caughtUp(checkpoint: string): Promise<void> {
    for (;;) {
      const seat = this.#seats.get(checkpoint)
      if (seat?.state !== 'running' || this.#stopped) {
        throw seat?.error ?? codedError('LEASE_LOST', { details: { component: checkpoint } })
      }
      if (seat.component?.settled === true) {
        seat.catchesUp = false
        return
      }
      await this.#change()
    }
  }

  /**
   * Resolves when a projector that runs here has taken in an event that is stored; with false when it
   * does not follow it.
   *
   * @throws CodedError `LEASE_LOST` when it does not run here, or whatever has halted it; `KEY_PARKED`,
   * or why it has failed
   */
  async doneWith(checkpoint: string, event: StoredEvent): Promise<boolean> {
    const { ledger } = this.#options
    const { component, state, error } = this.#seats.get(checkpoint) ?? {}
    if (component === undefined || state !== 'running') {
      throw error ?? codedError('LEASE_LOST', { details: { component: checkpoint } })
    }
    if (!component.follows(event)) return false
    const waiter = this.#watched.waiters.wait(checkpoint, event.position)
    try {
      if (!(await isTakenIn(ledger, checkpoint, event))) await waiter.done
      return true
    } finally {
      waiter.leave()
    }
  }

  status(): readonly ComponentStatus[] {
    const { recent } = this.#options
    return [...this.#seats.values()].map(({ plan, component, state }) => {
      const idle = { name: plan.name, kind: plan.kind, position: 0, lag: recent.tip, parkedKeys: 0 }
      return { ...(component?.status() ?? idle), state }
    })
  }

  /** What each component has to do, for those who watch. */
  load(): readonly ComponentLoad[] {
    const seats = [...this.#seats.values()]
    return this.status().map((one, at) => ({ ...one, oldest: seats[at]?.component?.oldest }))
  }

  /** Resolves when every component that runs here has nothing left to do. */
  async settled(signal?: AbortSignal): Promise<void> {
    for (;;) {
      if (signal?.aborted === true) throw codedError('ABORTED', { cause: signal.reason })
      const tip = this.#options.recent.tip
      const running = [...this.#seats.values()].filter(({ state }) => state === 'running')
      if (running.every(({ component }) => component?.settled === true)) {
        if (tip === this.#options.recent.tip) return
      } else await this.#change(signal)
    }
  }

  /** Brings deliveries that are written down to the component they belong to. */
  enqueue(deliveries: readonly Delivery[]): void {
    for (const component of this.#running()) {
      const { name } = component
      component.enqueue(deliveries.filter((delivery) => delivery.component === name))
    }
  }

  /** Takes a dead letter's key up again. */
  takeUp(entry: DeadLetterEntry, discard: boolean): Promise<void> {
    const seats = [...this.#seats.values()].filter(({ plan }) => plan.name === entry.component)
    const component = seats[0]?.component
    if (component !== undefined) return component.takeUp(entry, discard)
    const details = { component: entry.component }
    return Promise.reject(codedError('COMPONENT_UNKNOWN', { details }))
  }

  /** Lets what has begun end, writes progress down and gives the leases back. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#unsubscribe()
    this.#upkeep.stop()
    const running = [...this.#seats.values()].flatMap(({ component }) => component ?? [])
    await Promise.all(running.map((component) => component.stop()))
    for (const seat of this.#seats.values()) {
      seat.dirty = seat.state === 'running'
      if (seat.state === 'running') seat.state = 'stopped'
    }
    try {
      await this.#flush(true)
    } finally {
      await this.#options.leases.release()
    }
  }

  async #seatIfFree(seat: Seat): Promise<void> {
    const { plan } = seat
    const { ledger, leases, log } = this.#options
    const known = await ledger.row(PROGRESS, plan.checkpoint)
    const first: readonly RowChange[] =
      known === undefined ? [putProgress(plan.checkpoint, plan.start)] : []
    if (!(await leases.acquire(plan.checkpoint, first))) {
      log('info', 'waiting_for_lease', { component: plan.name })
      return
    }
    // Read again: the one who ran it until now may have got further.
    const row = await ledger.row(PROGRESS, plan.checkpoint)
    const progress = new Progress(row === undefined ? plan.start : progressOf(row))
    const term = (): readonly Condition[] => leases.condition(plan.checkpoint)
    // What the one before has reacted to is known as such up to here.
    await this.#lookAhead()
    const component = plan.make(this.#hostOf(seat), progress, term)
    await component.recover()
    seat.component = component
    seat.state = 'running'
    component.pump()
  }

  #hostOf(seat: Seat): ComponentHost {
    const { recent, bounds, random, log } = this.#options
    return {
      recent,
      watched: this.#watched,
      limits: bounds,
      random,
      settings: seat.plan.settings,
      changed: () => this.#changed(),
      change: () => this.#change(),
      progressed: () => {
        seat.dirty = true
      },
      failed: (component, error) => {
        log('error', 'component_failed', { component, error: messageOf(error) })
        this.#upkeep.later(bounds.reactionBackoffMsMax, () => seat.component?.pump())
      },
      halt: (component, error) => {
        seat.state = 'halted'
        seat.error = error instanceof Error ? error : new Error(String(error))
        log('error', 'component_halted', { component, error: messageOf(error) })
        this.#changed()
      },
    }
  }

  #pumpAll(): void {
    for (const { component, state } of this.#seats.values()) {
      if (state === 'running') component?.pump()
    }
  }

  #running(caughtUp = false): readonly ScheduledComponent[] {
    return [...this.#seats.values()].flatMap(({ component, state, catchesUp }) =>
      component !== undefined && state === 'running' && !(caughtUp && catchesUp) ? [component] : [],
    )
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      signal?.addEventListener('abort', wake, { once: true })
      this.#waiters.push(wake)
    })
  }

  async #flush(last = false): Promise<void> {
    const { journal, leases } = this.#options
    for (const seat of this.#seats.values()) {
      const { component, plan } = seat
      // A projector's progress is part of its own commits.
      if (!seat.dirty || component === undefined || (plan.kind === 'projector' && !last)) continue
      if (!last && seat.state !== 'running') continue
      seat.dirty = false
      await journal.commit({
        conditions: leases.condition(plan.checkpoint),
        rows: [putProgress(plan.checkpoint, component.progress.record())],
      })
    }
  }

  async #renew(): Promise<void> {
    for (const checkpoint of await this.#options.leases.renew()) {
      const seat = this.#seats.get(checkpoint)
      if (seat === undefined) continue
      this.#options.log('warn', 'lease_lost', { component: seat.plan.name })
      await seat.component?.stop()
      seat.component = undefined
      seat.state = 'waiting-for-lease'
      this.#changed()
    }
    for (const seat of this.#seats.values()) {
      if (seat.state === 'waiting-for-lease') await this.#seatIfFree(seat)
    }
  }

  async #lookForForeignWrites(): Promise<void> {
    const { ledger } = this.#options
    const seen = ledger.foreignWrites()
    if (seen === this.#foreignWrites) return
    this.#foreignWrites = seen
    await this.#lookAhead()
  }

  /** Learns how far the log reaches, once it is known who waits for what this process has stored. */
  async #lookAhead(): Promise<void> {
    const { ledger, journal, recent } = this.#options
    const tip = await ledger.tip()
    await journal.awaitedHandedOver()
    recent.advance(tip)
  }
}
