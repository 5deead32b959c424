/** Sagas, process managers and projectors of this process. */
import { create, type Message } from '@bufbuild/protobuf'
import { processDecider, type ProcessOutput } from '../component/decide-process.ts'
import { answerProcessRejection, answerSagaRejection } from '../component/decide-rejection.ts'
import { sagaDecider, type SagaOutput } from '../component/decide-saga.ts'
import { decodePayload } from '../component/decode-payload.ts'
import type {
  Entry,
  ProcessManagerDefinition,
  ProjectorDefinition,
  SagaDefinition,
} from '../component/definition.ts'
import { Destinations } from '../component/destinations.ts'
import type { SagaSource } from '../component/handler-context.ts'
import { then } from '../awaitable.ts'
import { eventProjector } from '../component/project-event.ts'
import { meansType } from '../component/schema-or-name.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import {
  EventBookSchema,
  type EventPage,
  EventPageSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { decodeEventPage } from '../wire/page-codec.ts'
import { coverOf } from './cover-of.ts'
import { eventsOfPages } from './decided-events.ts'
import { settled } from './local-aggregate.ts'
import { openPage } from './load-state.ts'
import { asState, localState } from './local-state.ts'
import { processRoot } from './process-root.ts'
import type { CloudEventSource } from './projector-endpoint.ts'
import type { ProcessManagerEndpoint, SagaEndpoint } from './reactive-endpoint.ts'
import type { Decision, DecisionRequest, EncodedEvent, Outputs } from './stateful-endpoint.ts'
import { withEvent } from './stored-page.ts'
import type { Upcast } from './upcast-event.ts'

const pages = messageCodec(EventPageSchema)

/** The endpoint of a saga. */
export function localSaga(definition: SagaDefinition, upcast: Upcast): SagaEndpoint {
  const decider = sagaDecider(definition)
  const destinations = new Destinations({ [definition.target]: 0 })
  const concerns = concernedBy(decider, upcast)
  return {
    kind: 'saga',
    name: definition.name,
    laneOf: (event) =>
      event.key.domain === definition.source &&
      event.visibility.kind !== 'isolated' &&
      concerns(event)
        ? streamLane(event)
        : undefined,
    listens: (domain, type) => listens(definition.entries, domain, type),
    decide: (trigger) => {
      const outputs =
        trigger.kind === 'rejection'
          ? (answerSagaRejection(definition, trigger.notification) ?? { commands: [], events: [] })
          : then(upcast(trigger.event.key.domain, openPage(trigger.event)), ({ type, value }) => {
              const handled = decider.handles(type)
              if (handled === undefined) return { commands: [], events: [] }
              const event = decodePayload(handled.schema, value)
              const source = sourceOf(trigger.event, { type, value })
              return decider.decide(type, event, destinations, source)
            })
      return Promise.resolve(then(outputs, sagaOutputs))
    },
  }
}

function sagaOutputs({ commands, events }: SagaOutput): Outputs {
  return { commands, facts: events }
}

/** The endpoint of a process manager. */
export function localProcessManager(
  definition: ProcessManagerDefinition,
  upcast: Upcast,
): ProcessManagerEndpoint {
  const decider = processDecider(definition)
  const sources = new Set(definition.sources)
  const concerns = concernedBy(decider, upcast)
  const destinations = new Destinations(
    Object.fromEntries(definition.targets.map((target) => [target, 0])),
  )
  const decide = (request: DecisionRequest): Decision | Promise<Decision> => {
    const { subject } = request
    const stateFor = (): object => asState(request.state)
    if (subject.kind !== 'trigger') return { kind: 'unhandled' }
    const { trigger } = subject
    if (trigger.kind === 'rejection') {
      const output = answerProcessRejection(definition, trigger.notification, stateFor)
      if (output === undefined) return { kind: 'unhandled' }
      return settled(then(output, processDecision))
    }
    const { event } = trigger
    return settled(
      then(upcast(event.key.domain, openPage(event)), ({ type, value }) => {
        const handled = decider.handles(type)
        if (handled === undefined) return NOTHING
        const message: Message = decodePayload(handled.schema, value)
        const source = sourceOf(event, { type, value })
        const output = decider.decide(type, message, stateFor, destinations, source)
        return then(output, processDecision)
      }),
    )
  }
  return {
    kind: 'process_manager',
    name: definition.name,
    laneOf: (event) =>
      sources.has(event.key.domain) &&
      event.visibility.kind !== 'isolated' &&
      event.correlationId !== '' &&
      concerns(event)
        ? `${event.key.edition}:${event.correlationId}`
        : undefined,
    listens: (domain, type) => listens(definition.entries, domain, type),
    streamOf: (correlationId, edition) => ({
      domain: definition.pmDomain,
      edition,
      root: processRoot(correlationId),
    }),
    stateful: {
      ...localState(definition),
      domain: definition.pmDomain,
      supportsReplay: false,
      snapshotEvery: undefined,
      decide,
    },
  }
}

const NOTHING: Decision = { kind: 'events', events: [] }

function processDecision(output: ProcessOutput): Decision {
  return {
    kind: 'events',
    events: output.processEvents.flatMap((book) =>
      // The coordinator numbers and dates them: their place is the process manager's own stream.
      eventsOfPages(book.pages).map(({ type, value }) => ({ type, value })),
    ),
    outputs: { commands: output.commands, facts: output.facts },
    wish: output.revocation,
  }
}

/** The endpoint of a projector. */
export function localProjector(definition: ProjectorDefinition, upcast: Upcast): CloudEventSource {
  const projector = eventProjector(definition)
  const editions = new Set(['', ...definition.editions])
  const instance = projector.instance()
  const concerns = concernedBy(projector, upcast)
  return {
    name: definition.name,
    laneOf: (event) => {
      const { domain, edition } = event.key
      if (event.visibility.kind === 'isolated' || !editions.has(edition)) return undefined
      // Domains of the engine are followed by name only.
      const reserved = domain.startsWith('_') && !definition.domains.includes(domain)
      return projector.follows(domain) && !reserved && concerns(event)
        ? streamLane(event)
        : undefined
    },
    project: (event, projection) => {
      const done = then(upcast(event.key.domain, openPage(event)), ({ type, value }) => {
        const handled = projector.handles(type)
        if (handled === undefined) return undefined
        const message = decodePayload(handled.schema, value)
        return projector.project(instance, type, message, {
          cover: coverOf(event.key, event.correlationId),
          sequence: event.sequence,
          position: event.position,
          correlationId: event.correlationId,
          createdAt: decodeEventPage(event.page).createdAt,
          speculative: false,
          projection,
        })
      })
      return done === undefined ? undefined : Promise.resolve(done)
    },
  }
}

/** Whether a handler may be there for an event, once it is in its newest form. */
function concernedBy(
  table: { handles(typeName: string): unknown },
  upcast: Upcast,
): (event: StoredEvent) => boolean {
  return ({ type, key }) => table.handles(type) !== undefined || upcast.renews(key.domain, type)
}

function streamLane({ key }: StoredEvent): string {
  return `${key.edition}:${key.domain}:${key.root}`
}

function listens(entries: readonly Entry[], domain: string, type: string): boolean {
  return entries.some(
    (entry) =>
      entry.role === 'rejected' && entry.domain === domain && meansType(entry.command, type),
  )
}

function sourceOf(event: StoredEvent, content: Pick<EncodedEvent, 'type' | 'value'>): SagaSource {
  return {
    sourceSeq: event.sequence,
    // Made when they are read: most handlers need the event only.
    get sourceCover() {
      return coverOf(event.key, event.correlationId)
    },
    get sourceEvents() {
      return create(EventBookSchema, {
        cover: coverOf(event.key, event.correlationId),
        pages: [inline(pages.decode(event.page), content)],
        nextSequence: event.sequence + 1,
      })
    },
  }
}

function inline(page: EventPage, content: Pick<EncodedEvent, 'type' | 'value'>): EventPage {
  return page.payload.case === 'external' ? withEvent(page, content) : page
}
