import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import type { ReceivedStatus } from '../../src/client/grpc/received-error.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import {
  CommandHandlerService,
  FactRequestSchema,
  ReplayRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  ProcessManagerHandleRequestSchema,
  ProcessManagerService,
} from '../../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorService } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  SagaHandleRequestSchema,
  SagaService,
} from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  ContextualCommandSchema,
  EventBookSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  UpcasterService,
  UpcastRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { bookOf, commandRequest, corrupt, make, pagesOf } from '../component/envelopes.ts'
import {
  CompleteOrderSchema,
  CreateOrderSchema,
  OrderCancelledSchema,
  OrderCreatedSchema,
} from '../fixtures/gen/orders_pb.ts'
import { fulfilment, listOf, order, process, renewal } from './component-kinds.ts'
import { serveComponents } from './serving.ts'

const created = make(OrderCreatedSchema, { orderId: 'o-1' })

/** The error a call fails with. */
async function failure(call: Promise<unknown>): Promise<GRPCError> {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof GRPCError, String(error))
    return error
  }
  throw new Error('the call did not fail')
}

describe('the five kinds of components on one port', () => {
  it('each answer under their own service', async () => {
    const seen: string[] = []
    const components = [order, fulfilment, process, listOf(seen), renewal]
    await using host = await serveComponents(components)
    const { channel } = host
    const source = bookOf('order', [created])

    const sagas = serviceClient(SagaService, channel)
    const asked = { source, destinationSequences: { inventory: 7 } }
    const { commands } = await sagas.handle(create(SagaHandleRequestSchema, asked))
    assert.equal(commands[0]?.cover?.domain, 'inventory')
    assert.equal(commands[0].cover.correlationId, 'corr-1')
    assert.deepEqual(commands[0].pages[0]?.header?.sequenceType, { case: 'sequence', value: 7 })

    const processes = serviceClient(ProcessManagerService, channel)
    const trigger = create(ProcessManagerHandleRequestSchema, { trigger: source })
    assert.equal((await processes.handle(trigger)).commands.length, 1)

    const projectors = serviceClient(ProjectorService, channel)
    assert.equal((await projectors.handle(source)).sequence, 1)
    await projectors.handleSpeculative(source)
    assert.deepEqual(seen, ['o-1', '?o-1'])

    const upcasters = serviceClient(UpcasterService, channel)
    const old = pagesOf([make(OrderCancelledSchema, { reason: 'why' })])
    const request = create(UpcastRequestSchema, { domain: 'order', events: old })
    const [page] = (await upcasters.upcast(request)).events
    assert.ok(page?.payload.case === 'event')
    assert.equal(page.payload.value.typeUrl, 'type.googleapis.com/orders.OrderCompleted')

    const aggregates = serviceClient(CommandHandlerService, channel)
    const command = make(CreateOrderSchema, { orderId: 'o-1' })
    assert.equal((await aggregates.handle(commandRequest('order', command))).result.case, 'events')
  })
})

describe('an aggregate that fails', () => {
  it('answers a refusal with status, code, details and cover', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(CommandHandlerService, host.channel)
    const error = await failure(client.handle(commandRequest('order', make(CreateOrderSchema, {}))))
    assert.equal(error.grpcCode, 'INVALID_ARGUMENT')
    assert.equal(error.grpcDetails, 'order id missing')
    assert.equal(error.code, 'ORDER_ID_EMPTY')
    assert.deepEqual({ ...error.details }, { at: '1' })
    const { rejectionCover } = error.status() as ReceivedStatus
    assert.equal(rejectionCover?.domain, 'order')
    assert.equal(rejectionCover.correlationId, 'corr-1')
  })

  it('answers a broken handler with INTERNAL and its text, and logs it', async () => {
    const logged: unknown[] = []
    await using host = await serveComponents([order], {
      logger: (...record) => logged.push(record),
    })
    const client = serviceClient(CommandHandlerService, host.channel)
    const command = make(CreateOrderSchema, { customerId: 'break' })
    const error = await failure(client.handle(commandRequest('order', command)))
    assert.deepEqual([error.grpcCode, error.grpcDetails], ['INTERNAL', 'the handler broke'])
    assert.equal(error.code, 'GRPC_ERROR')
    const method = 'angzarr_client.proto.angzarr.CommandHandlerService/Handle'
    assert.deepEqual(logged.at(-1), [
      'error',
      'call_failed',
      { method, error: 'the handler broke' },
    ])
  })

  it('answers each wrong request with its code', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(CommandHandlerService, host.channel)
    const cases = [
      [create(ContextualCommandSchema), 'MISSING_COMMAND_BOOK'],
      [create(ContextualCommandSchema, { command: { cover: {} } }), 'MISSING_COMMAND_PAGE'],
      [commandRequest('order', make(CompleteOrderSchema, {})), 'NO_HANDLER_REGISTERED'],
      [commandRequest('stock', make(CreateOrderSchema, {})), 'NO_HANDLER_REGISTERED'],
      [commandRequest('order', corrupt(CreateOrderSchema.typeName)), 'ANY_DECODE_FAILED'],
    ] as const
    for (const [request, code] of cases) {
      const error = await failure(client.handle(request))
      assert.deepEqual([error.code, error.grpcCode], [code, 'INVALID_ARGUMENT'])
    }
  })

  it('says that it takes no facts and replays nothing unless it was declared so', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(CommandHandlerService, host.channel)
    const facts = await failure(client.handleFact(create(FactRequestSchema)))
    assert.equal(facts.grpcCode, 'UNIMPLEMENTED')
    const text = 'no @handles_fact methods declared on registered command_handler'
    assert.equal(facts.grpcDetails, text)
    const replay = await failure(client.replay(create(ReplayRequestSchema)))
    assert.equal(replay.grpcCode, 'UNIMPLEMENTED')
    const replayText = 'command_handler did not opt in via @command_handler(supports_replay=True)'
    assert.equal(replay.grpcDetails, replayText)
  })

  it('is told apart from a service that nobody serves', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(ProjectorService, host.channel)
    const error = await failure(client.handle(create(EventBookSchema)))
    assert.equal(error.grpcCode, 'UNIMPLEMENTED')
  })
})
