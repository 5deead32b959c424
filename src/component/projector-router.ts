/** Dispatch to projectors: an envelope around the pieces that the coordinator calls directly. */
import { clone, create } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import {
  type CloudEvent,
  type CloudEventsResponse,
  CloudEventsResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import {
  CoverSchema,
  type EventBook,
  type EventPage,
  type Projection,
  ProjectionSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import { inlineEvent } from '../wire/event.ts'
import { sequenceOf } from '../wire/header.ts'
import { nanosecondsFromTimestamp } from '../wire/timestamp.ts'
import { BuiltRouter, type Definitions, type RouterOptions } from './built-router.ts'
import { decodePayload } from './decode-payload.ts'
import type { ProjectorDefinition } from './definition.ts'
import { exactTypeName } from './exact-type.ts'
import type { ProjectionContext } from './handler-context.ts'
import { type EventProjector, eventProjector } from './project-event.ts'
import { noProjectionStore, type ProjectionStore } from './projection-store.ts'

/** Dispatches to projectors (Angzarr client: `ProjectorRouter`). */
export class ProjectorRouter extends BuiltRouter<ProjectorDefinition> {
  readonly #projectors: readonly EventProjector[]
  readonly #projection: ProjectionStore

  constructor(definitions: Definitions<ProjectorDefinition>, options: RouterOptions = {}) {
    super(definitions, options)
    this.#projectors = definitions.map(eventProjector)
    this.#projection = options.projection ?? noProjectionStore()
  }

  /**
   * Takes the pages of a book into every read model that follows its domain: page by page, and for
   * each page in the order of registration. Unknown types are skipped. The projection holds the
   * CloudEvents that the handlers return, if any.
   *
   * @throws DispatchError `ANY_DECODE_FAILED`; and what a handler throws
   */
  dispatch(events: EventBook): Promise<Projection> {
    return this.#project(events, false)
  }

  /** As {@link dispatch}; handlers are told that it is only a try. */
  dispatchSpeculative(events: EventBook): Promise<Projection> {
    return this.#project(events, true)
  }

  async #project(book: EventBook, speculative: boolean): Promise<Projection> {
    const live = this.#projectors
      .filter((projector) => projector.active && projector.follows(book.cover?.domain ?? ''))
      .map((projector) => ({ projector, self: projector.instance() }))
    const emitted: CloudEvent[] = []
    for (const page of book.pages) {
      const event = inlineEvent(page)
      if (event === undefined) continue
      const context = this.#context(book, page, speculative)
      for (const { projector, self } of live) {
        const made = await projectOne(projector, self, event, context)
        if (made !== undefined) emitted.push(...made.events)
      }
    }
    const projection = create(ProjectionSchema, { sequence: book.nextSequence })
    if (emitted.length > 0) {
      const response = create(CloudEventsResponseSchema, { events: emitted })
      projection.projection = packAny(CloudEventsResponseSchema, response)
    }
    if (book.cover !== undefined) projection.cover = clone(CoverSchema, book.cover)
    return projection
  }

  #context({ cover }: EventBook, page: EventPage, speculative: boolean): ProjectionContext {
    const { createdAt } = page
    return {
      cover,
      sequence: sequenceOf(page.header) ?? 0,
      correlationId: cover?.correlationId ?? '',
      createdAt: createdAt === undefined ? undefined : nanosecondsFromTimestamp(createdAt),
      speculative,
      projection: this.#projection,
    }
  }
}

async function projectOne(
  projector: EventProjector,
  self: object | undefined,
  event: Any,
  context: ProjectionContext,
): Promise<CloudEventsResponse | undefined> {
  const typeName = exactTypeName(event.typeUrl)
  const handled = typeName === undefined ? undefined : projector.handles(typeName)
  if (typeName === undefined || handled === undefined) return undefined
  return await projector.project(
    self,
    typeName,
    decodePayload(handled.schema, event.value),
    context,
  )
}
