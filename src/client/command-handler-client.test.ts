import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CreateOrderSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { ConnectionError } from '../errors/client-error.ts'
import { isUuid, rootOfBytes } from '../identity.ts'
import { orderRoot } from '../identity/compute-root.ts'
import {
  CommandResponseSchema,
  SpeculateCommandHandlerRequestSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  CommandBookSchema,
  CommandRequestSchema,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CommandHandlerClient } from './command-handler-client.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'
import { CommandBook } from './wrappers/command-book.ts'

const book = create(CommandBookSchema, { cover: { domain: 'order' } })

describe('CommandHandlerClient', () => {
  it('makes builders for an aggregate [client-C-0317]', async () => {
    const transport = new RecordingTransport()
    const client = new CommandHandlerClient(transport)
    await client.command('order', 'ord-42').withMessage(CreateOrderSchema, {}).execute()
    const [command] = transport.executed
    assert.equal(command?.domain, 'order')
    assert.equal(command?.root, orderRoot('ord-42'))
  })

  it('makes a root for a new aggregate [client-C-0304]', async () => {
    const transport = new RecordingTransport()
    const client = new CommandHandlerClient(transport)
    for (let n = 0; n < 2; n++) {
      await client.commandNew('order').withMessage(CreateOrderSchema, {}).execute()
    }
    const [first, second] = transport.executed.map(({ root }) => root)
    assert.ok(first !== undefined && isUuid(first))
    assert.notEqual(first, second)
  })

  it('makes that root a version 4 UUID of 16 bytes [client-C-0318]', () => {
    const client = new CommandHandlerClient(new RecordingTransport())
    const book = client.commandNew('order').withMessage(CreateOrderSchema, {}).build()
    const root = rootOfBytes(book.cover?.root?.value ?? new Uint8Array())
    assert.match(root, /^[0-9a-f-]{14}4[0-9a-f-]{4}[89ab]/)
  })

  it('wraps a book into a request with ASYNC and FAIL_FAST', async () => {
    const response = create(CommandResponseSchema)
    const transport = new RecordingTransport({ response })
    const client = new CommandHandlerClient(transport)
    assert.equal(await client.handle(book), response)
    await client.handle(new CommandBook(book))
    assert.deepEqual(
      transport.requests.map(({ command }) => command === book),
      [true, true],
    )
    assert.equal(transport.requests[0]?.syncMode, SyncMode.ASYNC)
    assert.equal(transport.requests[0]?.cascadeErrorMode, CascadeErrorMode.CASCADE_ERROR_FAIL_FAST)
  })

  it('takes modes, key, signal and deadline from the options', async () => {
    const transport = new RecordingTransport()
    const client = new CommandHandlerClient(transport)
    await client.handle(book, {
      syncMode: SyncMode.CASCADE,
      cascadeErrorMode: CascadeErrorMode.CASCADE_ERROR_DEAD_LETTER,
      idempotencyKey: 'key-1',
      timeoutMs: 70,
    })
    const [request] = transport.requests
    const [options] = transport.options
    assert.equal(request?.syncMode, SyncMode.CASCADE)
    assert.equal(request?.cascadeErrorMode, CascadeErrorMode.CASCADE_ERROR_DEAD_LETTER)
    assert.ok(options !== undefined && 'idempotencyKey' in options)
    assert.equal(options.idempotencyKey, 'key-1')
    assert.equal(options.timeoutMs, 70)
  })

  it('hands a whole request on as it is', async () => {
    const transport = new RecordingTransport()
    const request = create(CommandRequestSchema, { command: book, cascadeId: 'cascade-1' })
    await new CommandHandlerClient(transport).handleCommand(request)
    assert.equal(transport.requests[0], request)
  })

  it('hands a speculative request on as it is', async () => {
    const transport = new RecordingTransport()
    const request = create(SpeculateCommandHandlerRequestSchema, { command: book })
    await new CommandHandlerClient(transport).handleSyncSpeculative(request)
    assert.equal(transport.speculated[0], request)
  })

  it('passes on what the transport answers', async () => {
    const error = new ConnectionError()
    const client = new CommandHandlerClient(new RecordingTransport({ error }))
    const typed = client.command('order', 'ord-42').withMessage(CreateOrderSchema, {})
    await assert.rejects(client.handle(book), error)
    await assert.rejects(typed.execute(), error)
  })

  it('closes a transport of its own, and none of a stub', async () => {
    const own = new RecordingTransport()
    const stub = new RecordingTransport()
    {
      await using _own = new CommandHandlerClient(own)
      await using client = CommandHandlerClient.fromStub(stub)
      await client.handle(book)
    }
    assert.deepEqual([own.closed, stub.closed, stub.requests.length], [1, 0, 1])
  })
})
