/** Projectors: taking events into a read model. */
import { create, isMessage, type Message } from '@bufbuild/protobuf'
import {
  type CloudEventsResponse,
  CloudEventsResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import { WILDCARD_DOMAIN } from '../wire/constants.ts'
import type { ProjectorDefinition } from './definition.ts'
import type { ProjectionContext } from './handler-context.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { type HandledType, handlerTable } from './handler-table.ts'
import { inOrder } from './in-order.ts'

/** Runs the handlers of one projector. */
export interface EventProjector {
  /** Whether it follows a domain. */
  follows(domain: string): boolean
  /** Whether it has any handler at all. */
  readonly active: boolean
  /** The type by its full name, when the projector handles it. */
  handles(typeName: string): HandledType | undefined
  /** The instance for a run of events; all of them see the same one. */
  instance(): object | undefined
  /**
   * Runs every handler of a type in the order of their declaration; answers the CloudEvents that they
   * return, all of them in one.
   */
  project(
    self: object | undefined,
    typeName: string,
    event: Message,
    context: ProjectionContext,
  ): Awaitable<CloudEventsResponse | undefined>
}

/** The runner of a projector. */
export function eventProjector(definition: ProjectorDefinition): EventProjector {
  const table = handlerTable(definition.entries, 'handles')
  const domains = new Set(definition.domains)
  return {
    follows: (domain) => domains.has(WILDCARD_DOMAIN) || domains.has(domain),
    active: table.size > 0,
    handles: (typeName) => table.get(typeName),
    instance: () => definition.create(),
    project: (self, typeName, event, context) => {
      const calls = table.get(typeName)?.calls ?? []
      const runs = inOrder(calls, (call) => call(self, [event, context]))
      return then(runs, cloudEventsIn)
    },
  }
}

/** What is no response of CloudEvents is ignored. */
function cloudEventsIn(results: readonly unknown[]): CloudEventsResponse | undefined {
  const responses = results.filter((result) => isMessage(result, CloudEventsResponseSchema))
  if (responses.length < 2) return responses[0]
  return create(CloudEventsResponseSchema, { events: responses.flatMap(({ events }) => events) })
}
