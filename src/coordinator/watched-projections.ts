/** What requests that wait for one projector are told. */
import { create } from '@bufbuild/protobuf'
import type { StoredEvent } from '../ledger/ledger.ts'
import {
  type Projection,
  ProjectionSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { coverOf } from './cover-of.ts'
import type { WatchedEvents } from './watched-events.ts'

/** A row that a projector has written, when the type of its message is known. */
export type WrittenRow = {
  readonly key: string
  readonly typeName: string
  readonly value: Uint8Array
}

/** See the top of this file. */
export class WatchedProjections {
  readonly #name: string
  readonly #checkpoint: string
  readonly #watched: WatchedEvents
  readonly #made = new Map<StoredEvent, Projection>()

  constructor(name: string, checkpoint: string, watched: WatchedEvents) {
    this.#name = name
    this.#checkpoint = checkpoint
    this.#watched = watched
  }

  /** An event was taken in; told once that is stored. */
  projected(event: StoredEvent, row: WrittenRow | undefined): void {
    if (this.#watched.find(this.#checkpoint, event.position) === undefined) return
    this.#made.set(event, projectionOf(this.#name, event, row))
  }

  /** A run of events is stored, or given up. */
  stored(
    done: readonly StoredEvent[],
    failures: readonly { readonly event: StoredEvent; readonly error: unknown }[],
  ): void {
    for (const event of done) {
      const watched = this.#watched.find(this.#checkpoint, event.position)
      const projection = this.#made.get(event)
      this.#made.delete(event)
      if (watched !== undefined && watched.place.depth === 0 && projection !== undefined) {
        watched.place.cascade.projected(projection)
      }
      this.#watched.done(this.#checkpoint, event.position)
    }
    for (const { event, error } of failures) {
      const reason = error instanceof Error ? error : new Error(String(error))
      this.#watched.failed(this.#checkpoint, event.position, reason)
    }
  }
}

/** A projection as callers get it: the first row that the event has written, if any. */
function projectionOf(
  projector: string,
  event: StoredEvent,
  row: WrittenRow | undefined,
): Projection {
  return create(ProjectionSchema, {
    cover: coverOf(event.key, event.correlationId),
    projector,
    sequence: event.sequence,
    ...(row === undefined
      ? {}
      : { projection: { typeUrl: TYPE_URL_PREFIX + row.typeName, value: row.value } }),
  })
}
