import { strict as assert } from 'node:assert'
import { mkdtemp, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { EmptySchema } from '@bufbuild/protobuf/wkt'
import { chEndpoint } from '../../src/client/endpoint.ts'
import { DomainClient } from '../../src/client/domain-client.ts'
import { streamCall } from '../../src/client/grpc/call.ts'
import { loadGrpc } from '../../src/client/grpc/load-grpc.ts'
import { clientOf } from '../../src/client/grpc/open-channel.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { fact } from '../../src/component/outgoing-books.ts'
import { codeOf } from '../../src/errors.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { CommandHandlerCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import {
  SagaCoordinatorService,
  SagaHandleRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  DeleteDeadLetterRequestSchema,
  DlqAdminService,
  GetDeadLetterRequestSchema,
  ListDeadLettersRequestSchema,
  ReplayDeadLetterRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { EventStreamService } from '../../src/proto/angzarr_client/proto/angzarr/stream_pb.ts'
import {
  type EventBook,
  EventRequestSchema,
  EventStreamFilterSchema,
  QuerySchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { AFTER_POSITION_HEADER } from '../../src/coordinator/services/event-stream-service.ts'
import { coverOf } from '../../src/coordinator/cover-of.ts'
import { rootFor } from '../../src/identity/compute-root.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { refusingStock, orderAggregate, reserveStock, stock } from '../coordinator/shop.ts'
import { serveShop, type ServedShop } from './served-shop.ts'

async function createOrder({ client }: Pick<ServedShop, 'client'>, orderId = 'o-1'): Promise<void> {
  await client.command(orderId).withMessage(orders.CreateOrderSchema, { orderId }).execute()
}

const orderOne = () =>
  create(QuerySchema, {
    cover: coverOf({ domain: 'order', edition: '', root: rootFor('order', 'o-1') }, ''),
  })

describe('a served coordinator', () => {
  it('carries out commands, once for their key, and answers queries', async () => {
    await using served = await serveShop([orderAggregate()])
    const { client } = served
    const command = client.command('o-1').withMessage(orders.CreateOrderSchema, { orderId: 'o-1' })
    await command.execute()
    await command.execute()
    const pages = await client.query('o-1').getPages()
    assert.equal(pages.length, 1)
    assert.equal((await client.query('o-1').getEvents()).length, 1)
  })

  it('stores facts, and answers a second one with the first outcome', async () => {
    await using served = await serveShop([orderAggregate()])
    const coordinator = serviceClient(CommandHandlerCoordinatorService, served.channel)
    const events = fact('order', 'o-1', orders.OrderCompletedSchema, {}, { externalId: 'x-1' })
    const request = create(EventRequestSchema, { events })
    assert.equal((await coordinator.handleEvent(request)).alreadyProcessed, false)
    assert.equal((await coordinator.handleEvent(request)).alreadyProcessed, true)
  })

  it('answers a stream of queries in their order, and ends it at one that fails', async () => {
    await using served = await serveShop([orderAggregate()])
    await createOrder(served)
    const queries = serviceClient(EventQueryService, served.channel)
    const found: number[] = []
    const asked = [orderOne(), orderOne(), create(QuerySchema), orderOne()]
    await assert.rejects(
      async () => {
        for await (const book of queries.synchronize(asked)) found.push(book.pages.length)
      },
      { code: 'REQUEST_INCOMPLETE', grpcCode: 'INVALID_ARGUMENT' },
    )
    assert.deepEqual(found, [1, 1])
  })

  it('names every aggregate', async () => {
    await using served = await serveShop([orderAggregate()])
    await createOrder(served, 'o-1')
    await createOrder(served, 'o-2')
    const queries = serviceClient(EventQueryService, served.channel)
    const roots = await Array.fromAsync(queries.getAggregateRoots(create(EmptySchema)))
    assert.deepEqual(
      roots.map(({ domain }) => domain),
      ['order', 'order'],
    )
  })

  it('streams the events of a workflow as they are stored', async () => {
    await using served = await serveShop([orderAggregate()])
    const { client } = served
    const add = (orderId: string) =>
      client
        .command(orderId)
        .withMessage(orders.CreateOrderSchema, { orderId })
        .withCorrelationId('flow')
        .execute()
    await add('o-1')
    const events = serviceClient(EventStreamService, served.channel)
    const stream = events.subscribe(create(EventStreamFilterSchema, { correlationId: 'flow' }))
    const reading = stream[Symbol.asyncIterator]()
    const first = reading.next()
    // What is stored after the server has taken the call up is seen; so it is stored until it is.
    let arrived = false
    void first.then(() => (arrived = true))
    for (let n = 2; !arrived; n++) await add(`o-${n}`)
    const book = (await first).value
    assert.equal(book?.cover?.correlationId, 'flow')
    await reading.return?.(undefined)
  })

  it('streams from behind a position on, and refuses what is none', async () => {
    await using served = await serveShop([orderAggregate()])
    for (const orderId of ['o-1', 'o-2', 'o-3']) {
      const command = served.client
        .command(orderId)
        .withMessage(orders.CreateOrderSchema, { orderId })
      await command.withCorrelationId('flow').execute()
    }
    const two = await booksBehind(served, '1', 2)
    assert.deepEqual(
      two.map(({ pages }) => pages.length),
      [1, 1],
    )
    assert.notDeepEqual(two[0]?.cover?.root, two[1]?.cover?.root)
    await assert.rejects(booksBehind(served, 'soon', 1), { code: 'QUERY_INVALID' })
  })

  it('carries answers of more than 4 MiB [weakness-33]', async () => {
    await using served = await serveShop([orderAggregate()])
    const note = 'x'.repeat(250_000)
    const { client } = served
    for (let n = 0; n < 20; n++) {
      await client.command('o-1').withMessage(orders.AddOrderNoteSchema, { note }).execute()
    }
    const book = await client.query('o-1').getEventBook()
    assert.equal(book.pages.length, 20)
  })

  it('refuses to run what the coordinator runs by itself', async () => {
    await using served = await serveShop([orderAggregate(), stock, reserveStock])
    const sagas = serviceClient(SagaCoordinatorService, served.channel)
    const executing = sagas.execute(create(SagaHandleRequestSchema))
    await assert.rejects(executing, { code: 'CALL_UNSUPPORTED', grpcCode: 'UNIMPLEMENTED' })
  })

  it('shows dead letters, replays and deletes them, and never fails a call', async () => {
    const broken = refusingStock(new Error('the handler broke'))
    const limits = { reactionAttemptsMax: 1 }
    await using served = await serveShop([orderAggregate(), broken, reserveStock], {
      shop: { limits },
    })
    await createOrder(served)
    await served.shop.settled()
    const desk = serviceClient(DlqAdminService, served.channel)
    const page = await desk.listDeadLetters(
      create(ListDeadLettersRequestSchema, {
        filter: 'source_component = "order-fulfillment" AND domain="order"',
      }),
    )
    assert.ok(page.state.case === 'ok')
    const [entry] = page.state.value.entries
    assert.ok(entry !== undefined && page.state.value.entries.length === 1)
    assert.equal(
      entry.rejectionReason,
      'Event processing failed after 1 attempts: the handler broke',
    )
    const got = await desk.getDeadLetter(create(GetDeadLetterRequestSchema, { id: entry.id }))
    assert.ok(got.state.case === 'ok' && got.state.value.entry?.id === entry.id)
    const replayed = await desk.replayDeadLetter(
      create(ReplayDeadLetterRequestSchema, { id: entry.id }),
    )
    assert.ok(replayed.state.case === 'degraded')
    assert.match(replayed.state.value.detail, /the handler broke/)
    const removed = await desk.deleteDeadLetter(
      create(DeleteDeadLetterRequestSchema, { id: entry.id }),
    )
    assert.ok(removed.state.case === 'ok' && removed.state.value.deleted)
    const again = await desk.deleteDeadLetter(
      create(DeleteDeadLetterRequestSchema, { id: entry.id }),
    )
    assert.ok(again.state.case === 'ok' && !again.state.value.deleted)
    const missing = await desk.replayDeadLetter(create(ReplayDeadLetterRequestSchema, { id: 7n }))
    assert.ok(missing.state.case === 'degraded')
    assert.equal(missing.state.value.type, 'urn:angzarr:status:dlq:not-found')
    const bad = await desk.listDeadLetters(
      create(ListDeadLettersRequestSchema, { filter: 'colour = "red"' }),
    )
    assert.ok(bad.state.case === 'degraded' && bad.state.value.status === 400)
  })

  it('passes a refusal of a handler on with its status and code', async () => {
    const refusal = CommandRejectedError.notFound('SKU_UNKNOWN', 'no such product', { sku: 'x' })
    await using served = await serveShop([refusingStock(refusal)])
    const client = DomainClient.fromChannel(served.channel, { domain: 'inventory' })
    const sent = client.command('x').withMessage(ReserveStockSchema, { quantity: 1 }).execute()
    await assert.rejects(sent, (error: unknown) => {
      assert.equal(codeOf(error), 'SKU_UNKNOWN')
      return true
    })
  })

  it('listens on sockets under the names that clients resolve, for its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amends-serve-'))
    const base = join(folder, 'sockets')
    const socket = join(base, 'coordinator.sock')
    try {
      const environment = { ANGZARR_MODE: 'standalone', ANGZARR_UDS_BASE: base }
      await using served = await serveShop([orderAggregate()], {
        listen: ['127.0.0.1:0', socket],
        domains: ['order'],
      })
      assert.equal(((await stat(base)).mode & 0o777).toString(8), '700')
      assert.equal(await readlink(join(base, 'ch-order.sock')), 'coordinator.sock')
      const endpoint = chEndpoint({ domain: 'order', environment })
      await using client = await DomainClient.connect(endpoint, { domain: 'order' })
      await createOrder({ client })
      assert.equal((await served.client.query('o-1').getPages()).length, 1)
      // Who listens there already is not pushed aside.
      await assert.rejects(serveShop([orderAggregate()], { listen: socket }), {
        code: 'UDS_BIND_FAILED',
      })
      await createOrder({ client }, 'o-2')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('a coordinator that drains', () => {
  it('lets a call finish that is inside, tells streams, and lets nobody in', async () => {
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const slow = orderAggregate().handles(orders.CancelOrderSchema, async () => {
      begun.resolve()
      await gate.promise
      return create(orders.OrderCancelledSchema)
    })
    await using served = await serveShop([slow], { closesCoordinator: true })
    const { client, server } = served
    const events = serviceClient(EventStreamService, served.channel)
    const stream = events.subscribe(create(EventStreamFilterSchema, { correlationId: 'flow' }))
    const told = assert.rejects(stream[Symbol.asyncIterator]().next(), {
      code: 'COORDINATOR_CLOSED',
    })
    const inside = client.command('o-1').withMessage(orders.CancelOrderSchema, {}).execute()
    await begun.promise
    const stopped = Promise.all([server.stop(), server.stop()])
    await told
    const late = createOrder(served, 'o-2')
    await assert.rejects(late, (error: unknown) => codeOf(error) === 'COORDINATOR_CLOSED')
    gate.resolve()
    assert.equal((await inside).events?.pages.length, 1)
    await stopped
    await assert.rejects(served.shop.client('order').query('o-1').getPages(), {
      code: 'COORDINATOR_CLOSED',
    })
  })
})

/** As many books of the workflow `flow` as stand behind a position. */
async function booksBehind(
  { channel }: ServedShop,
  position: string,
  count: number,
): Promise<readonly EventBook[]> {
  const grpc = await loadGrpc()
  const metadata = new grpc.Metadata()
  metadata.set(AFTER_POSITION_HEADER, position)
  const filter = create(EventStreamFilterSchema, { correlationId: 'flow' })
  const setup = { client: await clientOf(channel), metadata }
  const books: EventBook[] = []
  for await (const book of streamCall(EventStreamService.method.subscribe, filter, setup)) {
    books.push(book)
    if (books.length === count) break
  }
  return books
}
