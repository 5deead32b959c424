/**
 * A projector elsewhere: it is called for each event at least once, in the order of each stream and
 * for several streams at once; stream and sequence tell it which it has seen. What it answers with is
 * kept as a row under the stream's name, in one commit with its progress; CloudEvents go to the sink instead.
 */
import { WILDCARD_DOMAIN } from '../../../wire/constants.ts'
import { frameworkMessageOf } from '../../../wire/type-url.ts'
import { messageCodec } from '../../../wire/message-codec.ts'
import { CloudEventsResponseSchema } from '../../../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import { ProjectorService } from '../../../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import type { CloudEventSource } from '../../projector-endpoint.ts'
import { isFrameworkEvent } from '../../plan-pending.ts'
import { traceOf } from '../../telemetry/event-trace.ts'
import type { Upcast } from '../../upcast-event.ts'
import type { ComponentCaller } from './component-link.ts'
import { bookOfEvent, streamLane, typeOfPage } from './remote-reactive.ts'

const cloudEvents = messageCodec(CloudEventsResponseSchema)

/** A projector elsewhere. */
export type RemoteProjectorOptions = {
  readonly name: string
  /** Domains; `*` stands for all that are not the engine's. */
  readonly domains: readonly string[]
  /** Editions it follows besides the main timeline. */
  readonly editions: readonly string[]
  /** Full names of the types it wants. Default: all. */
  readonly types?: readonly string[] | undefined
  readonly call: ComponentCaller
  readonly upcast: Upcast
}

/** The endpoint. */
export function remoteProjector(options: RemoteProjectorOptions): CloudEventSource {
  const { name, domains, call, upcast } = options
  const editions = new Set(['', ...options.editions])
  const wanted = options.types === undefined ? undefined : new Set(options.types)
  const follows = (domain: string): boolean =>
    domains.includes(domain) || (domains.includes(WILDCARD_DOMAIN) && !domain.startsWith('_'))
  return {
    name,
    keysAtOnce: true,
    laneOf: (event) => {
      const { key, type, visibility } = event
      const concerns =
        follows(key.domain) &&
        editions.has(key.edition) &&
        visibility.kind !== 'isolated' &&
        !isFrameworkEvent(type) &&
        (wanted === undefined || wanted.has(type) || upcast.renews(key.domain, type))
      return concerns ? streamLane(event) : undefined
    },
    project: async (event, store) => {
      const book = await bookOfEvent(event, upcast)
      // It has become of another type, or has not.
      if (wanted?.has(typeOfPage(book.pages[0])) === false) return undefined
      const { handle } = ProjectorService.method
      const { projection } = await call(handle, book, event.correlationId, traceOf(event))
      if (projection === undefined || projection.typeUrl === '') return undefined
      if (frameworkMessageOf(projection.typeUrl) === 'CloudEventsResponse') {
        return cloudEvents.decode(projection.value)
      }
      const typeName = projection.typeUrl.slice(projection.typeUrl.lastIndexOf('/') + 1)
      store.putTyped(streamLane(event), { typeName, value: projection.value })
      return undefined
    },
  }
}
