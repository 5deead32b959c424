/**
 * Sagas and process managers elsewhere: reactions are calls of their services, one per trigger. The
 * book of a trigger has one page, the trigger; the news that a command was rejected is such a page
 * too, under the cover of the rejected command.
 */
import { create } from '@bufbuild/protobuf'
import {
  type ProcessManagerHandleRequest,
  ProcessManagerHandleRequestSchema,
  ProcessManagerService,
} from '../../../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import {
  SagaHandleRequestSchema,
  SagaService,
} from '../../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  type EventBook,
  EventBookSchema,
  type EventPage,
  EventPageSchema,
  type Notification,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { exactTypeName } from '../../../component/exact-type.ts'
import type { StoredEvent } from '../../../ledger/ledger.ts'
import { packAny, unpackAny } from '../../../wire/any.ts'
import { coverOf } from '../../cover-of.ts'
import { eventsOfPages } from '../../decided-events.ts'
import { isFrameworkEvent } from '../../plan-pending.ts'
import { processRoot } from '../../process-root.ts'
import type { ProcessManagerEndpoint, SagaEndpoint } from '../../reactive-endpoint.ts'
import type { Decision, DecisionRequest } from '../../stateful-endpoint.ts'
import { pageOfStored } from '../../stored-page.ts'
import type { Trigger } from '../../trigger.ts'
import type { Upcast } from '../../upcast-event.ts'
import type { ComponentCaller } from './component-link.ts'
import { asHistory, historyBook, remoteFolding } from './remote-history.ts'

/** A saga elsewhere. */
export type RemoteSagaOptions = {
  readonly name: string
  readonly source: string
  readonly target: string
  /** Full names of the types it wants. Default: all of its source. */
  readonly types?: readonly string[] | undefined
  readonly call: ComponentCaller
  readonly upcast: Upcast
}

/** The endpoint of a saga. */
export function remoteSaga(options: RemoteSagaOptions): SagaEndpoint {
  const { name, source, target, call, upcast } = options
  const concerns = concerning([source], options)
  return {
    kind: 'saga',
    name,
    laneOf: (event) => (concerns(event) ? streamLane(event) : undefined),
    // It is asked, and answers with nothing when it does not care.
    listens: () => true,
    decide: async (trigger, traceparent) => {
      const book = await bookOfTrigger(trigger, upcast)
      if (!isWanted(trigger, book, options.types)) return { commands: [], facts: [] }
      const request = create(SagaHandleRequestSchema, {
        source: book,
        destinationSequences: { [target]: 0 },
      })
      const { handle } = SagaService.method
      const answer = await call(handle, request, correlationOf(trigger), traceparent)
      const { commands, events } = answer
      return { commands, facts: events }
    },
  }
}

/** A process manager elsewhere. */
export type RemoteProcessManagerOptions = Omit<RemoteSagaOptions, 'source' | 'target'> & {
  readonly pmDomain: string
  readonly sources: readonly string[]
  readonly targets: readonly string[]
}

/** The endpoint of a process manager. */
export function remoteProcessManager(options: RemoteProcessManagerOptions): ProcessManagerEndpoint {
  const { name, pmDomain, sources, call, upcast } = options
  const concerns = concerning(sources, options)
  return {
    kind: 'process_manager',
    name,
    laneOf: (event) =>
      event.correlationId !== '' && concerns(event)
        ? `${event.key.edition}:${event.correlationId}`
        : undefined,
    listens: () => true,
    streamOf: (correlationId, edition) => ({
      domain: pmDomain,
      edition,
      root: processRoot(correlationId),
    }),
    stateful: {
      ...remoteFolding,
      domain: pmDomain,
      supportsReplay: false,
      snapshotEvery: undefined,
      decide: async (request): Promise<Decision> => {
        const { subject, correlationId, traceparent } = request
        if (subject.kind !== 'trigger') return { kind: 'unhandled' }
        const book = await bookOfTrigger(subject.trigger, upcast)
        if (!isWanted(subject.trigger, book, options.types)) return { kind: 'events', events: [] }
        const asked = processRequest(options, request, book)
        const { handle } = ProcessManagerService.method
        const answer = await call(handle, asked, correlationId, traceparent)
        const { processEvents, commands, facts } = answer
        return {
          kind: 'events',
          // The coordinator numbers and dates them: their place is the process manager's own stream.
          events: processEvents.flatMap(({ pages }) =>
            eventsOfPages(pages).map(({ type, value }) => ({ type, value })),
          ),
          outputs: { commands, facts },
        }
      },
    },
  }
}

function processRequest(
  { targets }: RemoteProcessManagerOptions,
  { key, correlationId, state, next }: DecisionRequest,
  trigger: EventBook,
): ProcessManagerHandleRequest {
  return create(ProcessManagerHandleRequestSchema, {
    trigger,
    processState: historyBook(asHistory(state), coverOf(key, correlationId), next),
    destinationSequences: Object.fromEntries(targets.map((target) => [target, 0])),
  })
}

/**
 * The events of these domains and types, and those that may become of these types; what the engine
 * writes for itself is never among them.
 */
function concerning(
  domains: readonly string[],
  { types, upcast }: Pick<RemoteSagaOptions, 'types' | 'upcast'>,
): (event: StoredEvent) => boolean {
  const [from, wanted] = [new Set(domains), types === undefined ? undefined : new Set(types)]
  return ({ key, type, visibility }) =>
    from.has(key.domain) &&
    visibility.kind !== 'isolated' &&
    !isFrameworkEvent(type) &&
    (wanted === undefined || wanted.has(type) || upcast.renews(key.domain, type))
}

/** Whether an event is still wanted in its newest form; the news of a rejection always is. */
function isWanted(
  { kind }: Trigger,
  { pages: [page] }: EventBook,
  types: readonly string[] | undefined,
): boolean {
  return kind === 'rejection' || types === undefined || types.includes(typeOfPage(page))
}

/** The full name of the type of a page's event; '' when it has none. */
export function typeOfPage(page: EventPage | undefined): string {
  const event = page?.payload.case === 'event' ? page.payload.value : undefined
  return (event && exactTypeName(event.typeUrl)) ?? ''
}

/** The key of what is ordered by stream. */
export function streamLane({ key }: StoredEvent): string {
  return `${key.edition}:${key.domain}:${key.root}`
}

/** One stored event as a book. */
export async function bookOfEvent(event: StoredEvent, upcast: Upcast): Promise<EventBook> {
  return create(EventBookSchema, {
    cover: coverOf(event.key, event.correlationId),
    pages: [await pageOfStored(upcast, event)],
    nextSequence: event.sequence + 1,
  })
}

async function bookOfTrigger(trigger: Trigger, upcast: Upcast): Promise<EventBook> {
  if (trigger.kind === 'event') return await bookOfEvent(trigger.event, upcast)
  const { notification, origin } = trigger
  const cover = rejectedCover(notification) ?? coverOf(origin.key, origin.correlationId)
  const value = packAny(NotificationSchema, notification)
  const page = create(EventPageSchema, {
    header: { sequenceType: { case: 'sequence', value: origin.sequence } },
    payload: { case: 'event', value },
  })
  const correlationId = origin.correlationId
  return create(EventBookSchema, { cover: { ...cover, correlationId }, pages: [page] })
}

function rejectedCover({ payload }: Notification): EventBook['cover'] {
  const rejection = payload && unpackAny(RejectionNotificationSchema, payload)
  return rejection?.rejectedCommand?.cover
}

function correlationOf(trigger: Trigger): string {
  return trigger.kind === 'event' ? trigger.event.correlationId : trigger.origin.correlationId
}
