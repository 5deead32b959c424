import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { TransportPart } from '../../src/client/guarded-transport.ts'
import { SpeculativeClient } from '../../src/client/speculative-client.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { Destinations } from '../../src/component/destinations.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { codedError } from '../../src/errors.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import {
  CommandResponseSchema,
  SpeculateCommandHandlerRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { SpeculatePmRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { SpeculateProjectorRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { SpeculateSagaRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { ContextualCommandSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { bookOf, commandRequest, corrupt, make } from '../component/envelopes.ts'
import { aggregates, projectorRouter, sagaRouter } from '../component/routers.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import { CreateOrderSchema, OrderCreatedSchema } from '../fixtures/gen/orders_pb.ts'
import { listOf, order } from './component-kinds.ts'
import { coordinatorServices } from './served-coordinator.ts'
import { CLOSED_ENDPOINT, serve } from './serving.ts'

/** A saga whose commands say where they come from. */
const reserving = defineSaga({ name: 'reserving', source: 'order', target: 'inventory' }).handles(
  OrderCreatedSchema,
  ({ orderId }, _destinations, { sourceCover, sourceSeq }) => {
    assert.ok(sourceCover)
    const reserve = command('inventory', orderId, ReserveStockSchema, { orderId })
    const header = Destinations.deferredHeader(sourceCover, sourceSeq)
    return { ...reserve, pages: reserve.pages.map((page) => ({ ...page, header })) }
  },
)

/** A coordinator that asks real components and does nothing with what they answer. */
function speculating(seen: string[] = []): TransportPart {
  const [orders, sagas, lists] = [
    aggregates(order),
    sagaRouter(reserving),
    projectorRouter(listOf(seen)),
  ]
  return {
    handleSyncSpeculative: async ({ command }) => {
      const request = create(ContextualCommandSchema, command === undefined ? {} : { command })
      const { result } = await orders.dispatch(request)
      return create(CommandResponseSchema, result.case === 'events' ? { events: result.value } : {})
    },
    speculateSaga: async ({ request }) => {
      if (request === undefined) throw codedError('MISSING_SAGA_SOURCE')
      return await sagas.dispatch(request)
    },
    speculateProjector: async ({ events }) => {
      if (events === undefined) throw codedError('REQUEST_INCOMPLETE')
      return await lists.dispatchSpeculative(events)
    },
    speculateProcessManager: async () => {
      throw codedError('MISSING_PM_TRIGGER')
    },
  }
}

const createOrder = (orderId: string) =>
  commandRequest('order', make(CreateOrderSchema, { orderId }))
const created = ['o-1', 'o-2', 'o-3'].map((orderId) => make(OrderCreatedSchema, { orderId }))

async function failure(call: Promise<unknown>): Promise<GRPCError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof GRPCError, String(error))
  return error
}

describe('speculation over gRPC', () => {
  it('brings the events a command would have', async () => {
    await using host = await serve(coordinatorServices(speculating()))
    const client = SpeculativeClient.fromChannel(host.channel)
    const { command } = createOrder('o-1')
    assert.ok(command)
    const request = create(SpeculateCommandHandlerRequestSchema, { command })
    assert.equal((await client.commandHandler(request)).events?.pages.length, 1)
  })

  it('is rejected with the reason of the business; invalid payloads fail [client-C-0268, client-C-0269]', async () => {
    await using host = await serve(coordinatorServices(speculating()))
    const client = SpeculativeClient.fromChannel(host.channel)
    const { command } = createOrder('')
    assert.ok(command)
    const refused = create(SpeculateCommandHandlerRequestSchema, { command })
    const error = await failure(client.commandHandler(refused))
    assert.deepEqual([error.code, error.grpcDetails], ['ORDER_ID_EMPTY', 'order id missing'])
    const bad = commandRequest('order', corrupt(CreateOrderSchema.typeName))
    assert.ok(bad.command)
    const invalid = create(SpeculateCommandHandlerRequestSchema, { command: bad.command })
    const undecodable = await failure(client.commandHandler(invalid))
    assert.deepEqual(
      [undecodable.code, undecodable.isInvalidArgument()],
      ['ANY_DECODE_FAILED', true],
    )
  })

  it('brings what a projector makes of events, in order [client-C-0271, client-C-0272]', async () => {
    const seen: string[] = []
    await using host = await serve(coordinatorServices(speculating(seen)))
    const client = SpeculativeClient.fromChannel(host.channel)
    const request = create(SpeculateProjectorRequestSchema, { events: bookOf('order', created) })
    const projection = await client.projector(request)
    assert.equal(projection.sequence, 3)
    assert.deepEqual(seen, ['?o-1', '?o-2', '?o-3'])
  })

  it('brings the commands of a saga, with their origin [client-C-0274]', async () => {
    await using host = await serve(coordinatorServices(speculating()))
    const client = SpeculativeClient.fromChannel(host.channel)
    const source = bookOf('order', created)
    const { commands } = await client.saga(
      create(SpeculateSagaRequestSchema, { request: { source } }),
    )
    assert.equal(commands.length, 1)
    const origin = commands[0]?.pages[0]?.header?.sequenceType
    assert.equal(origin?.case, 'angzarrDeferred')
    assert.equal(origin.value.source?.domain, 'order')
    assert.equal(origin.value.sourceSeq, 2)
  })

  it('fails as a connection error when nobody answers [client-C-0279]', async () => {
    await using client = await SpeculativeClient.connect(CLOSED_ENDPOINT, { lazy: true })
    for (const call of [
      client.commandHandler(create(SpeculateCommandHandlerRequestSchema)),
      client.projector(create(SpeculateProjectorRequestSchema)),
      client.saga(create(SpeculateSagaRequestSchema)),
      client.processManager(create(SpeculatePmRequestSchema)),
    ]) {
      assert.ok((await failure(call)).isConnectionError())
    }
  })

  it('without its parameters is an invalid argument [client-C-0280]', async () => {
    await using host = await serve(coordinatorServices(speculating()))
    const client = SpeculativeClient.fromChannel(host.channel)
    const codes: string[] = []
    for (const call of [
      client.commandHandler(create(SpeculateCommandHandlerRequestSchema)),
      client.projector(create(SpeculateProjectorRequestSchema)),
      client.saga(create(SpeculateSagaRequestSchema)),
      client.processManager(create(SpeculatePmRequestSchema)),
    ]) {
      const error = await failure(call)
      assert.ok(error.isInvalidArgument())
      codes.push(error.code)
    }
    assert.deepEqual(codes, [
      'MISSING_COMMAND_BOOK',
      'REQUEST_INCOMPLETE',
      'MISSING_SAGA_SOURCE',
      'MISSING_PM_TRIGGER',
    ])
  })
})
