import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CreateOrderSchema, OrderCreatedSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { ConnectionError, InvalidArgumentError } from '../errors/client-error.ts'
import { isUuid } from '../identity.ts'
import { orderRoot } from '../identity/compute-root.ts'
import { SpeculateCommandHandlerRequestSchema } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  type EventBook,
  EventBookSchema,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CommandHandlerClient } from './command-handler-client.ts'
import { DomainClient } from './domain-client.ts'
import { QueryClient } from './query-client.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'
import { SpeculativeClient } from './speculative-client.ts'
import { CommandBook } from './wrappers/command-book.ts'

const fivePages: EventBook = create(EventBookSchema, {
  nextSequence: 5,
  pages: [0, 1, 2, 3, 4].map((value) => ({
    header: { sequenceType: { case: 'sequence' as const, value } },
    payload: {
      case: 'event' as const,
      value: { typeUrl: 'type.googleapis.com/orders.OrderCreated', value: new Uint8Array() },
    },
  })),
})
const orders = (transport: RecordingTransport): DomainClient =>
  new DomainClient(transport, { domain: 'order' })
const place = (client: DomainClient): ReturnType<DomainClient['command']> =>
  client.command('ord-42').withMessage(CreateOrderSchema, { orderId: 'ord-42' })

describe('DomainClient', () => {
  it('queries and commands its domain [client-C-0225]', async () => {
    const transport = new RecordingTransport()
    const client = orders(transport)
    await place(client).execute()
    await client.query('ord-42').getEventBook()
    assert.equal(client.domain, 'order')
    assert.equal(transport.executed[0]?.domain, 'order')
    assert.equal(transport.queries[0]?.cover?.domain, 'order')
  })

  it('sends what its builders build [client-C-0226]', async () => {
    const transport = new RecordingTransport()
    const client = orders(transport)
    await place(client).execute()
    await client.commandNew().withMessage(CreateOrderSchema, {}).execute()
    const [known, made] = transport.executed
    assert.equal(known?.root, orderRoot('ord-42'))
    assert.ok(made !== undefined && isUuid(made.root))
    assert.notEqual(made.root, known?.root)
  })

  it('fetches the pages of an aggregate [client-C-0227]', async () => {
    const client = orders(new RecordingTransport({ books: [fivePages] }))
    assert.equal((await client.query('ord-42').getPages()).length, 5)
    const events = await client.query('ord-42').events(OrderCreatedSchema)
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [0, 1, 2, 3, 4],
    )
  })

  it('shares one transport between its three clients [client-C-0228]', async () => {
    const transport = new RecordingTransport()
    const client = orders(transport)
    await client.commandHandler
      .command('order', 'ord-42')
      .withMessage(CreateOrderSchema, {})
      .execute()
    await client.query.query('order', 'ord-42').getEventBook()
    await client.speculative.commandHandler(create(SpeculateCommandHandlerRequestSchema))
    assert.equal(transport.options.length, 3)
    await client.close()
    assert.equal(transport.closed, 1)
  })

  it('fails with a connection error both ways once it is closed [client-C-0229]', async () => {
    const client = orders(new RecordingTransport())
    await client.close()
    await client.close()
    await assert.rejects(place(client).execute(), ConnectionError)
    await assert.rejects(client.query('ord-42').getEventBook(), ConnectionError)
    await assert.rejects(client.query('ord-42').getEvents(), ConnectionError)
  })

  it('leaves a transport that it does not own open', async () => {
    const transport = new RecordingTransport()
    const client = new DomainClient(transport, { domain: 'order', ownsTransport: false })
    await client[Symbol.asyncDispose]()
    await place(client).execute()
    assert.equal(transport.closed, 0)
  })

  it('executes a book with mode ASYNC and FAIL_FAST, message or wrapper', async () => {
    const transport = new RecordingTransport()
    const client = orders(transport)
    const book = place(client).build()
    await client.execute(book, { idempotencyKey: 'key-1', timeoutMs: 5 })
    await client.execute(new CommandBook(book))
    const [first, second] = transport.requests
    assert.equal(first?.command, book)
    assert.equal(second?.command, book)
    assert.equal(first?.syncMode, SyncMode.ASYNC)
    assert.equal(first?.cascadeErrorMode, CascadeErrorMode.CASCADE_ERROR_FAIL_FAST)
    assert.equal(transport.options[0]?.timeoutMs, 5)
    assert.deepEqual(
      transport.options.map((options) => 'idempotencyKey' in options && options.idempotencyKey),
      ['key-1', undefined],
    )
  })

  it('executes a book with the mode that is given', async () => {
    const transport = new RecordingTransport()
    const client = orders(transport)
    await client.executeWithMode(place(client).build(), SyncMode.CASCADE)
    assert.equal(transport.requests[0]?.syncMode, SyncMode.CASCADE)
    assert.equal(transport.requests[0]?.cascadeErrorMode, CascadeErrorMode.CASCADE_ERROR_FAIL_FAST)
  })

  it('answers queries itself as its query client does', async () => {
    const client = orders(new RecordingTransport({ books: [fivePages] }))
    const query = client.query('ord-42').build()
    assert.equal(await client.getEventBook(query), fivePages)
    assert.deepEqual(await client.getEvents(query), [fivePages])
    assert.equal(await client.query.getEventBook(query), fivePages)
    assert.deepEqual(await client.query.getEvents(query), [fivePages])
    assert.deepEqual(await Array.fromAsync(client.query.streamEvents(query)), [fivePages])
    assert.equal(client.query.queryDomain('cart').build().cover?.domain, 'cart')
  })

  it('made of clients uses them and closes none', async () => {
    const transport = new RecordingTransport()
    const commandHandler = new CommandHandlerClient(transport)
    const query = new QueryClient(transport)
    const speculative = new SpeculativeClient(transport)
    const client = DomainClient.fromClients(commandHandler, query, speculative, { domain: 'order' })
    assert.equal(client.commandHandler, commandHandler)
    assert.equal(client.speculative, speculative)
    await place(client).execute()
    await client.query('ord-42').getEventBook()
    await client.close()
    assert.equal(transport.closed, 0)
    assert.equal(transport.options.length, 2)
  })

  it('made for no domain says how to name one', () => {
    const client = new DomainClient(new RecordingTransport())
    for (const call of [
      () => client.command('ord-42'),
      () => client.commandNew(),
      () => client.query('ord-42'),
    ]) {
      assert.throws(call, (error: unknown) => {
        assert.ok(error instanceof InvalidArgumentError)
        assert.equal(error.code, 'DOMAIN_INVALID')
        assert.match(error.hint, /commandHandler\.command/)
        return true
      })
    }
    assert.equal(client.query.query('order', 'ord-42').build().cover?.domain, 'order')
  })
})
