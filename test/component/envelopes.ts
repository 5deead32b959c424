// Short ways to the messages that a coordinator would send.
import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageShape,
} from '@bufbuild/protobuf'
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt'
import { packEvents } from '../../src/component/pack-events.ts'
import { create as make } from '../../src/component/known-messages.ts'
import {
  AngzarrDeferredSequenceSchema,
  CommandBookSchema,
  CompensateSchema,
  type ContextualCommand,
  ContextualCommandSchema,
  type Cover,
  CoverSchema,
  type EventBook,
  EventBookSchema,
  type EventPage,
  type Notification,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  type SagaHandleRequest,
  SagaHandleRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  type ProcessManagerHandleRequest,
  ProcessManagerHandleRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { packAny } from '../../src/wire/any.ts'

export { make }

/** A cover of a domain. */
export function coverOf(domain: string, correlationId = ''): Cover {
  return create(CoverSchema, { domain, correlationId, root: { value: new Uint8Array(16).fill(7) } })
}

/** Pages of events, numbered from 0 or from `first`. */
export function pagesOf(events: readonly Message[], first = 0): EventPage[] {
  return packEvents(events, first)
}

/** A book of events whose next sequence is set as a coordinator would. */
export function bookOf(domain: string, events: readonly Message[], first = 0): EventBook {
  return create(EventBookSchema, {
    cover: coverOf(domain, 'corr-1'),
    pages: pagesOf(events, first),
    nextSequence: first + events.length,
  })
}

/** A page of bytes that no message has. */
export function corruptPage(typeName: string, sequence = 0): EventPage {
  const [page] = create(EventBookSchema, {
    pages: [
      {
        header: { sequenceType: { case: 'sequence', value: sequence } },
        payload: { case: 'event', value: corrupt(typeName) },
      },
    ],
  }).pages
  if (page === undefined) throw new Error('no page')
  return page
}

/** An envelope whose bytes are no message. */
export function corrupt(typeName: string): Any {
  const typeUrl = `type.googleapis.com/${typeName}`
  return create(AnySchema, { typeUrl, value: new Uint8Array([0xff]) })
}

/** A command with its history. */
export function commandRequest(
  domain: string,
  command: Message | Any,
  history?: EventBook,
): ContextualCommand {
  return create(ContextualCommandSchema, {
    command: {
      cover: coverOf(domain, 'corr-1'),
      pages: [{ payload: { case: 'command', value: envelope(command) } }],
    },
    ...(history === undefined ? {} : { events: history }),
  })
}

function envelope(message: Message | Any): Any {
  if (message.$typeName === AnySchema.typeName) return message as Any // told apart by its name
  const [page] = packEvents([message])
  if (page?.payload.case !== 'event') throw new Error('no event')
  return page.payload.value
}

/** A notification that a command was refused. */
export function rejectionOf(
  domain: string,
  command: Message | Any,
  reason = 'not enough stock',
  code = 'SOLD_OUT',
): Notification {
  const source = create(AngzarrDeferredSequenceSchema, {
    source: coverOf('order', 'corr-1'),
    sourceSeq: 4,
  })
  const rejectedCommand = create(CommandBookSchema, {
    cover: coverOf(domain, 'corr-1'),
    pages: [
      {
        header: { sequenceType: { case: 'angzarrDeferred', value: source } },
        payload: { case: 'command', value: envelope(command) },
      },
    ],
  })
  const rejection = create(RejectionNotificationSchema, {
    rejectedCommand,
    rejectionReason: reason,
    code,
  })
  return create(NotificationSchema, {
    cover: coverOf('order', 'corr-1'),
    payload: packAny(RejectionNotificationSchema, rejection),
  })
}

/** A notification that asks to undo a command. */
export function undoOf(commandType: string, reason = 'cascade failed'): Notification {
  const compensate = create(CompensateSchema, { commandType, reason, sequences: [1, 2] })
  return create(NotificationSchema, {
    cover: coverOf('order', 'corr-1'),
    payload: packAny(CompensateSchema, compensate),
  })
}

/** A notification on its way to an aggregate. */
export function notificationRequest(
  domain: string,
  notification: Notification,
  history?: EventBook,
): ContextualCommand {
  return commandRequest(domain, packAny(NotificationSchema, notification), history)
}

/** A notification as the trigger of a reaction. */
export function notificationBook(domain: string, notification: Notification): EventBook {
  return create(EventBookSchema, {
    cover: coverOf(domain, 'corr-1'),
    pages: [{ payload: { case: 'event', value: packAny(NotificationSchema, notification) } }],
  })
}

/** A trigger for sagas. */
export function sagaRequest(
  source: EventBook,
  destinationSequences: Readonly<Record<string, number>> = {},
): SagaHandleRequest {
  return create(SagaHandleRequestSchema, { source, destinationSequences })
}

/** A trigger for process managers. */
export function processRequest(
  trigger: EventBook,
  destinationSequences: Readonly<Record<string, number>> = {},
  processState?: EventBook,
): ProcessManagerHandleRequest {
  return create(ProcessManagerHandleRequestSchema, {
    trigger,
    destinationSequences,
    ...(processState === undefined ? {} : { processState }),
  })
}

/** The messages in the pages of a book. */
export function messagesIn<S extends DescMessage>(
  schema: S,
  pages: readonly EventPage[],
): MessageShape<S>[] {
  return pages.flatMap((page) => {
    const { payload } = page
    if (payload.case !== 'event') return []
    if (payload.value.typeUrl !== `type.googleapis.com/${schema.typeName}`) return []
    return [fromBinary(schema, payload.value.value)]
  })
}

/** The full type names and sequences of pages. */
export function outline(
  pages: readonly EventPage[],
): readonly (readonly [string, number | undefined])[] {
  return pages.map(({ header, payload }) => {
    const name = payload.case === 'event' ? payload.value.typeUrl.replace(/^.*\//, '') : ''
    const place = header?.sequenceType
    return [name, place?.case === 'sequence' ? place.value : undefined] as const
  })
}
