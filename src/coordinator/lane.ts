/** The work of one key of one component, in order (P8). */
import type { StoredEvent } from '../ledger/ledger.ts'
import type { Delivery } from './delivery.ts'

/**
 * - `idle`: nothing to do, or about to be taken
 * - `ready`: waits for a free place
 * - `running`: at work
 * - `waiting`: sleeps before the next attempt
 * - `parked`: waits behind a dead letter
 * - `held`: stops before a page that is pending
 * - `rejoining`: reads again what passed by while it was parked
 */
export type LaneState = 'idle' | 'ready' | 'running' | 'waiting' | 'held' | 'parked' | 'rejoining'

/** See the top of this file. */
export type Lane = {
  readonly key: string
  state: LaneState
  /** Events still to react to, oldest first. */
  readonly triggers: StoredEvent[]
  /** Deliveries under way, in the order of their paths; they go before the next trigger. */
  open: Delivery[]
  /** Correlation ids of reactions whose deliveries are still open. */
  unfinished: string[]
  /** Attempts at the first trigger. */
  attempts: number
  /** The dead letter it waits behind, or is being replayed. */
  deadLetter: string | undefined
  /** Told when a replay ends. */
  replay: Replay | undefined
}

/** Somebody waits for a key to catch up. */
export type Replay = {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A lane without work. */
export function newLane(key: string): Lane {
  return {
    key,
    state: 'idle',
    triggers: [],
    open: [],
    unfinished: [],
    attempts: 0,
    deadLetter: undefined,
    replay: undefined,
  }
}

/** Puts deliveries in their order. */
export function addDeliveries(lane: Lane, deliveries: readonly Delivery[]): void {
  if (deliveries.length === 0) return
  const paths = new Set(deliveries.map(placeOf))
  lane.open = [...lane.open.filter((item) => !paths.has(placeOf(item))), ...deliveries].sort(
    (one, other) => (placeOf(one) < placeOf(other) ? -1 : 1),
  )
}

/** The deliveries that may go at the same time: the first ones, each to a target of its own. */
export function nextBatch(lane: Lane): readonly Delivery[] {
  const batch: Delivery[] = []
  const targets = new Set<string>()
  for (const delivery of lane.open) {
    const target = targetOf(delivery)
    if (target === undefined) return batch.length === 0 ? [delivery] : batch
    if (targets.has(target)) return batch
    // Facts are all stored before the first command goes out.
    if (batch[0] !== undefined && batch[0].parcel.kind !== delivery.parcel.kind) return batch
    targets.add(target)
    batch.push(delivery)
  }
  return batch
}

function placeOf(delivery: Delivery): string {
  return `${delivery.origin.position.toString().padStart(16, '0')}/${delivery.path}`
}

function targetOf({ parcel }: Delivery): string | undefined {
  const cover =
    parcel.kind === 'command'
      ? parcel.command.cover
      : parcel.kind === 'fact'
        ? parcel.fact.cover
        : undefined
  return cover && `${cover.domain}:${cover.root?.value.toString() ?? ''}`
}
