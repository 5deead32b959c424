/** Where events are projected. */
import type { ProjectionStore } from '../component/projection-store.ts'
import type { StoredEvent } from '../ledger/ledger.ts'

/** A projector: folds events into rows of its own, or writes elsewhere. */
export interface ProjectorEndpoint {
  readonly name: string
  /** The key that orders this event; `undefined` when it does not concern the projector. */
  laneOf(event: StoredEvent): string | undefined
  project(event: StoredEvent, store: ProjectionStore): void | Promise<void>
}
