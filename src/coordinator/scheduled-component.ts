/** What the scheduler runs, and what it offers to what it runs. */
import type { LimitName } from '../limits.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Random } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import type { ComponentStatus } from './coordinator.ts'
import type { Delivery } from './delivery.ts'
import type { Settlement } from './settlement.ts'
import type { WatchedEvents } from './watched-events.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import type { Progress } from './progress.ts'
import type { RecentLog } from './recent-log.ts'

/** Bounds as numbers: the defaults of `limits`, or what the user set. */
export type Bounds = Readonly<Record<LimitName, number>>

/** Settings of one component, filled in. */
export type ReactionSettings = {
  readonly attempts: number
  readonly onExhausted: 'park' | 'skip'
}

/** What a component gets from the scheduler. */
export interface ComponentHost {
  readonly recent: RecentLog
  /** The events that requests wait for. */
  readonly watched: WatchedEvents
  readonly limits: Bounds
  readonly random: Random
  readonly settings: ReactionSettings
  /** Something has ended: whoever waits may look again. */
  changed(): void
  /** Resolves at the next change. */
  change(): Promise<void>
  /** The component's progress should be written down before long. */
  progressed(component: string): void
  /** Something failed that is nobody's message: reported, and tried again at the next wake-up. */
  failed(component: string, error: unknown): void
  /** The component must not go on. */
  halt(component: string, error: unknown): void
}

/** A saga, process manager or projector as the scheduler sees it. */
export interface ScheduledComponent {
  readonly name: string
  readonly kind: 'saga' | 'process_manager' | 'projector'
  /** The name its checkpoint stands under: each generation of a projector has its own. */
  readonly checkpoint: string
  readonly progress: Progress
  /** True when it has to deal with this event. */
  follows(event: StoredEvent): boolean
  /** What marks this event as dealt with, although the component never ran for it. */
  skip(event: StoredEvent): Settlement
  /** Takes over messages that were written down for it elsewhere. */
  enqueue(deliveries: readonly Delivery[]): void
  /** Takes up what an earlier process left. */
  recover(): Promise<void>
  /** Looks at what is new in the log. */
  pump(): void
  /** True when nothing is left to do. */
  readonly settled: boolean
  /** When the oldest event or message that is not done was stored. */
  readonly oldest: Nanoseconds | undefined
  status(): Omit<ComponentStatus, 'state'>
  stop(): Promise<void>
  /** Takes up a parked key again; resolves when it has caught up, rejects when it fails again. */
  takeUp(entry: DeadLetterEntry, discard: boolean): Promise<void>
}
