/**
 * The events that requests wait for, by their place in the log, and which components have still to
 * deal with them. Empty while nobody waits.
 */
import { codedError } from '../errors.ts'
import type { Position } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import type { CascadePart } from './cascade.ts'
import type { OpenPart, ReactionFailure } from './cascade-parts.ts'
import { PositionWaiters } from './position-waiters.ts'
import type { Settlement } from './settlement.ts'

/** One event that one component has to deal with. */
export type WatchedEvent = { readonly place: CascadePart; readonly part: OpenPart }

/** A component, as far as it has to be known here. */
export type WatchedComponent = {
  readonly kind: 'saga' | 'process_manager' | 'projector'
  readonly checkpoint: string
  follows(event: StoredEvent): boolean
  skip(event: StoredEvent): Settlement
}

/** See the top of this file. */
export class WatchedEvents {
  readonly #byPosition = new Map<Position, Map<string, WatchedEvent>>()
  /** Who waits for events that were stored before. */
  readonly waiters: PositionWaiters = new PositionWaiters()
  readonly #running: () => readonly WatchedComponent[]

  /** @param running the components that run here; what runs elsewhere is not waited for */
  constructor(running: () => readonly WatchedComponent[]) {
    this.#running = running
  }

  /** Registers events that were just stored, before anybody can see them. */
  watch(place: CascadePart, events: readonly StoredEvent[]): void {
    if (place.cascade.over) return
    for (const component of this.#running()) {
      const { kind } = component
      if (kind !== 'projector' && place.cascade.scope === 'projectors') continue
      for (const event of events) {
        if (!component.follows(event) || !runsAtOnce(place, event, kind)) continue
        const { checkpoint } = component
        const part: OpenPart = kind === 'projector' ? {} : { skip: () => component.skip(event) }
        this.#add(event.position, checkpoint, { place, part })
        place.cascade.begin(part)
      }
    }
  }

  /** What a request knows of an event that a component, by its checkpoint, deals with. */
  find(component: string, position: Position): WatchedEvent | undefined {
    if (this.#byPosition.size === 0) return undefined
    return this.#byPosition.get(position)?.get(component)
  }

  /** A component is done with an event, whatever came of it. */
  done(component: string, position: Position): void {
    this.waiters.tell(component, position)
    if (this.#byPosition.size === 0) return
    const watched = this.#forget(component, position)
    watched?.place.cascade.end(watched.part)
  }

  /** A component will not deal with an event for now. */
  failed(
    component: string,
    position: Position,
    error: Error,
    place?: ReactionFailure['place'],
  ): void {
    this.waiters.tell(component, position, error)
    const watched = this.find(component, position)
    if (watched === undefined) return
    const { cascade } = watched.place
    cascade.fail({ component, target: undefined, commandType: '', error, place })
    this.#forget(component, position)
    // One that compensates keeps it open, so that it is skipped for good.
    if (!cascade.compensates) cascade.end(watched.part)
  }

  /** An event waits behind a dead letter of its key. */
  parked(component: string, event: StoredEvent, key: string): void {
    const { position } = event
    if (this.find(component, position) === undefined && !this.waiters.has(component, position))
      return
    this.failed(component, event.position, keyParked(component, key))
  }

  /** A component is replaced by one that has caught up: nobody waits for it any more. */
  release(component: string): void {
    this.waiters.tellAll(component, codedError('LEASE_LOST', { details: { component } }))
    for (const position of this.#byPosition.keys()) this.done(component, position)
  }

  /** A component stops: whoever waits for it is told why. */
  abandon(component: string, reason: Error): void {
    this.waiters.tellAll(component, reason)
    for (const position of this.#byPosition.keys()) this.failed(component, position, reason)
  }

  #forget(component: string, position: Position): WatchedEvent | undefined {
    const components = this.#byPosition.get(position)
    const watched = components?.get(component)
    components?.delete(component)
    if (components?.size === 0) this.#byPosition.delete(position)
    return watched
  }

  #add(position: Position, component: string, watched: WatchedEvent): void {
    const components = this.#byPosition.get(position)
    if (components === undefined) this.#byPosition.set(position, new Map([[component, watched]]))
    else components.set(component, watched)
  }
}

/** What is pending is seen at once by the reactions of its own cascade, and by nobody else. */
function runsAtOnce(
  { cascade }: CascadePart,
  { visibility }: StoredEvent,
  kind: WatchedComponent['kind'],
): boolean {
  if (visibility.kind !== 'pending') return true
  return kind !== 'projector' && cascade.cascadeId === visibility.cascadeId
}

/** Said to who waits for a key that waits behind a dead letter itself. */
export function keyParked(component: string, key: string): Error {
  return codedError('KEY_PARKED', {
    details: { component, key },
    hint: 'The command is stored. Replay or discard the dead letter of this key.',
  })
}
