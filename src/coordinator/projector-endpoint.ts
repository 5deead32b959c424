/** Where events are projected. */
import type { ProjectionStore } from '../component/projection-store.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import type { CloudEventsResponse } from '../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'

/** Rows of a projector that tell which message a row is. */
export interface ProjectedRows extends ProjectionStore {
  /** Puts a row whose type is known by its full name only. */
  putTyped(key: string, row: { readonly typeName: string; readonly value: Uint8Array }): void
}

/** A projector: folds events into rows of its own, or writes elsewhere. */
export interface ProjectorEndpoint {
  readonly name: string
  /**
   * Whether events of different keys are projected at once, each with rows of its own. Default: one
   * event after the other.
   */
  readonly keysAtOnce?: boolean | undefined
  /** The key that orders this event; `undefined` when it does not concern the projector. */
  laneOf(event: StoredEvent): string | undefined
  project(event: StoredEvent, store: ProjectedRows): undefined | Promise<void>
}

/** A projector that answers with the CloudEvents that it makes of an event. */
export type CloudEventSource = Omit<ProjectorEndpoint, 'project'> & {
  project(
    event: StoredEvent,
    store: ProjectedRows,
  ): undefined | Promise<CloudEventsResponse | undefined>
}
