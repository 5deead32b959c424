/** Messages of the wire as they come in a run: covers with a root, pages with a header and a payload. */
import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf'
import {
  BusinessResponseSchema,
  CommandResponseSchema,
} from '../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  ProcessManagerHandleRequestSchema,
  ProcessManagerHandleResponseSchema,
} from '../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import {
  SagaHandleRequestSchema,
  SagaResponseSchema,
} from '../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  CommandBookSchema,
  CommandRequestSchema,
  ContextualCommandSchema,
  CoverSchema,
  EventBookSchema,
  EventPageSchema,
  ProjectionSchema,
  QuerySchema,
} from '../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  ComponentFrameSchema,
  CoordinatorFrameSchema,
} from '../src/proto/amends/component/v1/session_pb.ts'

/** A message with its type. */
export type Envelope<Desc extends DescMessage = DescMessage> = {
  /** `command-request`. */
  readonly name: string
  readonly schema: Desc
  readonly message: MessageShape<Desc>
}

/** Bytes of an event or a command: a few fields. */
const PAYLOAD = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) & 0xff)
const ROOT = Uint8Array.from({ length: 16 }, (_, i) => i * 11)
const CREATED = { seconds: 1_790_000_000n, nanos: 123_456_789 }

const cover: MessageInitShape<typeof CoverSchema> = {
  root: { value: ROOT },
  domain: 'order',
  correlationId: '0b9ad9c5-6b3c-4e6b-9d1e-0f6f7c9a4f11',
}
const any = (name: string): { readonly typeUrl: string; readonly value: Uint8Array } => ({
  typeUrl: `type.googleapis.com/shop.orders.v1.${name}`,
  value: PAYLOAD,
})
const eventPage = (sequence: number): MessageInitShape<typeof EventPageSchema> => ({
  header: { sequenceType: { case: 'sequence', value: sequence } },
  createdAt: CREATED,
  payload: { case: 'event', value: any('OrderPlaced') },
})
const eventBook = (pages: number): MessageInitShape<typeof EventBookSchema> => ({
  cover,
  pages: Array.from({ length: pages }, (_, i) => eventPage(i)),
  nextSequence: pages,
})
const commandBook: MessageInitShape<typeof CommandBookSchema> = {
  cover,
  pages: [
    {
      header: { sequenceType: { case: 'sequence', value: 7 } },
      payload: { case: 'command', value: any('PlaceOrder') },
    },
  ],
}

/** The types that a command, a reaction, a query and a session move. */
export const envelopes: readonly Envelope[] = [
  envelope('cover', CoverSchema, cover),
  envelope('event-page', EventPageSchema, eventPage(300)),
  envelope('event-book', EventBookSchema, eventBook(3)),
  envelope('command-book', CommandBookSchema, commandBook),
  envelope('command-request', CommandRequestSchema, { command: commandBook, syncMode: 3 }),
  envelope('command-response', CommandResponseSchema, { events: eventBook(1) }),
  envelope('contextual-command', ContextualCommandSchema, {
    command: commandBook,
    events: eventBook(10),
  }),
  envelope('business-response', BusinessResponseSchema, {
    result: { case: 'events', value: eventBook(1) },
  }),
  envelope('saga-request', SagaHandleRequestSchema, {
    source: eventBook(1),
    destinationSequences: { inventory: 4, payment: 11 },
  }),
  envelope('saga-response', SagaResponseSchema, { commands: [commandBook, commandBook] }),
  envelope('process-manager-request', ProcessManagerHandleRequestSchema, {
    trigger: eventBook(1),
    processState: eventBook(4),
    destinationSequences: { inventory: 4 },
  }),
  envelope('process-manager-response', ProcessManagerHandleResponseSchema, {
    commands: [commandBook],
    processEvents: [eventBook(1)],
  }),
  envelope('query', QuerySchema, { cover, selection: { case: 'range', value: { lower: 3 } } }),
  envelope('projection', ProjectionSchema, {
    cover,
    projector: 'orders-by-day',
    sequence: 9,
    projection: any('OrderRow'),
  }),
  envelope('session-call', CoordinatorFrameSchema, {
    frame: {
      case: 'call',
      value: {
        id: 123_456n,
        method: 'angzarr_client.proto.angzarr.CommandHandlerService/Handle',
        request: new Uint8Array(300),
        timeoutMs: 30_000,
        correlationId: '0b9ad9c5-6b3c-4e6b-9d1e-0f6f7c9a4f11',
      },
    },
  }),
  envelope('session-answer', ComponentFrameSchema, {
    frame: {
      case: 'answer',
      value: { id: 123_456n, result: { case: 'response', value: new Uint8Array(200) } },
    },
  }),
]

function envelope<Desc extends DescMessage>(
  name: string,
  schema: Desc,
  init: MessageInitShape<Desc>,
): Envelope {
  // Kept under its type's parent: a bench encodes it by its schema alone.
  return { name, schema, message: create(schema, init) }
}
