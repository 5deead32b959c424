/** Projectors: taking events into a read model. */
import type { Message } from '@bufbuild/protobuf'
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
  /** Runs every handler of a type in the order of their declaration; what they return is ignored. */
  project(
    self: object | undefined,
    typeName: string,
    event: Message,
    context: ProjectionContext,
  ): Awaitable<void>
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
      return then(runs, () => undefined)
    },
  }
}
