import { strict as assert } from 'node:assert'
import { randomInt } from 'node:crypto'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import * as grpc from '@grpc/grpc-js'
import fc from 'fast-check'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { CommandRejectedError, GRPCError } from '../../src/errors/client-error.ts'
import { grpcService } from '../../src/host/grpc-service.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import {
  ContextualCommandSchema,
  EventBookSchema,
  QuerySchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Health, HealthCheckRequestSchema } from '../../src/proto/grpc/health/v1/health_pb.ts'
import { commandRequest, make } from '../component/envelopes.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { order } from './component-kinds.ts'
import { serve, serveComponents, type Served } from './serving.ts'

const HANDLE = `/${CommandHandlerService.typeName}/Handle`

/** A command that the server carries out. */
const GOOD = Buffer.from(
  toBinary(
    ContextualCommandSchema,
    commandRequest('order', make(CreateOrderSchema, { orderId: 'o-1' })),
  ),
)

/** Connections of this process, at either end. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

async function stillServes(host: Served): Promise<void> {
  const client = serviceClient(CommandHandlerService, host.channel)
  const command = make(CreateOrderSchema, { orderId: 'o-1' })
  assert.equal((await client.handle(commandRequest('order', command))).result.case, 'events')
}

/** Calls with bytes of one's own; answers with the status. */
async function raw(
  endpoint: string,
  path: string,
  bytes: Buffer,
): Promise<grpc.ServiceError | null> {
  const client = new grpc.Client(endpoint, grpc.credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  })
  try {
    return await new Promise((resolve) => {
      const same = (value: Buffer): Buffer => value
      client.makeUnaryRequest(path, same, same, bytes, resolve)
    })
  } finally {
    client.close()
  }
}

describe('a server under bad input', () => {
  it('answers random bytes with a status of the caller, never with INTERNAL', async (t) => {
    await using host = await serveComponents([order])
    const seed = randomInt(2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const error = await raw(host.endpoint, HANDLE, Buffer.from(bytes))
      assert.equal(error?.code, grpc.status.INVALID_ARGUMENT, error?.details)
    })
    await fc.assert(property, { numRuns: 100, seed })
    await stillServes(host)
  })

  it('answers a message with bytes changed anywhere, never with INTERNAL', async (t) => {
    await using host = await serveComponents([order])
    const seed = randomInt(2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const change = fc.record({ at: fc.nat(GOOD.length - 1), to: fc.integer({ min: 0, max: 255 }) })
    const property = fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 5 }),
      async (changes) => {
        const bytes = Buffer.from(GOOD)
        for (const { at, to } of changes) bytes[at] = to
        const error = await raw(host.endpoint, HANDLE, bytes)
        const expected = [grpc.status.OK, grpc.status.INVALID_ARGUMENT]
        assert.ok(expected.includes(error?.code ?? grpc.status.OK), error?.details)
      },
    )
    await fc.assert(property, { numRuns: 200, seed })
    await stillServes(host)
  })

  it('answers a message truncated anywhere, with REQUEST_UNDECODABLE inside a field', async () => {
    await using host = await serveComponents([order])
    assert.equal(await raw(host.endpoint, HANDLE, GOOD), null, 'whole, it is answered')
    const texts = new Set<string>()
    for (let length = 0; length < GOOD.length; length++) {
      const error = await raw(host.endpoint, HANDLE, GOOD.subarray(0, length))
      assert.equal(error?.code, grpc.status.INVALID_ARGUMENT, `${length} bytes`)
      texts.add(error.details)
    }
    assert.ok(texts.has('the request is not a message of its type'))
    await stillServes(host)
  })

  it('answers types, domains and envelopes that it does not know with NO_HANDLER_REGISTERED', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(CommandHandlerService, host.channel)
    const known = make(CreateOrderSchema, { orderId: 'o-1' })
    const unknown = (typeUrl: string) => create(AnySchema, { typeUrl, value: Buffer.alloc(9) })
    const requests = [
      commandRequest('order', unknown('type.googleapis.com/no.Such')),
      commandRequest('order', unknown('type.googleapis.com/')),
      commandRequest('order', unknown('/orders.CreateOrder')),
      commandRequest('no-such-domain', known),
    ]
    for (const request of requests) {
      await assert.rejects(client.handle(request), {
        grpcCode: 'INVALID_ARGUMENT',
        code: 'NO_HANDLER_REGISTERED',
      })
    }
    await stillServes(host)
  })

  it('answers unknown services and methods with UNIMPLEMENTED', async () => {
    await using host = await serveComponents([order])
    for (const path of [
      '/no.Such/Thing',
      `/${CommandHandlerService.typeName}/Nothing`,
      '/',
      '/x',
    ]) {
      const error = await raw(host.endpoint, path, Buffer.alloc(0))
      assert.equal(error?.code, grpc.status.UNIMPLEMENTED, path)
    }
    await stillServes(host)
  })

  it('refuses a message of 100 MB without taking it in', async () => {
    await using host = await serveComponents([order])
    const before = process.memoryUsage().arrayBuffers
    const error = await raw(host.endpoint, HANDLE, Buffer.alloc(100_000_000))
    assert.equal(error?.code, grpc.status.RESOURCE_EXHAUSTED)
    // The hundred are the caller's own, in this process.
    assert.ok(process.memoryUsage().arrayBuffers - before < 220_000_000)
    await stillServes(host)
  })

  it('takes no message beyond the bound it was given', async () => {
    await using host = await serveComponents([order], {
      environment: { ANGZARR_GRPC_MESSAGE_SIZE_KB: '1' },
    })
    const error = await raw(host.endpoint, HANDLE, Buffer.alloc(1025))
    assert.equal(error?.code, grpc.status.RESOURCE_EXHAUSTED)
    await stillServes(host)
  })

  it('survives what is no HTTP/2, and ten thousand connections that break off', async () => {
    await using host = await serveComponents([order])
    await stillServes(host)
    const socketsBefore = openSockets()
    const [name = '', port = ''] = host.endpoint.split(':')
    const open = (bytes: string): Promise<void> =>
      new Promise((resolve) => {
        const socket: Socket = connect(Number(port), name, () => {
          socket.end(bytes)
          setImmediate(() => socket.destroy())
        })
        socket.on('error', () => undefined)
        socket.on('close', () => resolve())
      })
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    const texts = ['', 'GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00', preface, `${preface}\x00\x00`]
    // As many at a time as the system queues for a server.
    const many = Array.from({ length: 20 }, () => texts).flat()
    for (let n = 0; n < 100; n++) {
      await Promise.all(many.map(open))
      if (n % 20 === 0) await stillServes(host)
    }
    await stillServes(host)
    // The server has let go of every one of them.
    while (openSockets() > socketsBefore) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('answers HTTP/2 that is no gRPC, and streams that are reset', async () => {
    await using host = await serveComponents([order])
    const session = connectHttp2(`http://${host.endpoint}`)
    session.on('error', () => undefined)
    const status = (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      new Promise((resolve) => {
        const stream = session.request(headers)
        stream.on('response', (answer) => resolve(answer[':status']))
        stream.on('error', () => resolve(0))
        stream.on('close', () => resolve(0))
        stream.resume()
        stream.end('hello')
      })
    assert.equal(await status({ ':path': HANDLE, ':method': 'POST' }), 415)
    for (let n = 0; n < 100; n++) {
      const stream = session.request({
        ':path': HANDLE,
        ':method': 'POST',
        'content-type': 'application/grpc',
      })
      stream.on('error', () => undefined)
      stream.write(Buffer.from([0, 0, 0, 0, 200]))
      stream.close(constants.NGHTTP2_CANCEL)
    }
    session.destroy()
    await stillServes(host)
  })

  it('outlives handlers that throw anything, and errors too large for a trailer', async () => {
    let thrown: unknown
    const service = grpcService(EventQueryService, {
      getEventBook: () => {
        throw thrown
      },
      getEvents: async function* () {
        yield create(EventBookSchema)
        throw thrown
      },
    })
    await using host = await serve(service)
    const client = serviceClient(EventQueryService, host.channel)
    const all = [
      undefined,
      null,
      7,
      'text',
      { code: 'x' },
      new Error('x'.repeat(100_000)),
      new Error('日'.repeat(100_000)),
      new Error('🙂'.repeat(100_000)),
      new Error('\ud800é\0\n'),
    ]
    for (thrown of all) {
      for (const call of [
        async () => await client.getEventBook(create(QuerySchema)),
        async () => {
          for await (const _ of client.getEvents(create(QuerySchema))) continue
        },
      ]) {
        await assert.rejects(call, (error: unknown) => {
          assert.ok(error instanceof GRPCError)
          assert.equal(error.grpcCode, 'INTERNAL', error.grpcDetails)
          return true
        })
      }
    }
  })

  it('brings the code of a refusal however much is said about it', async () => {
    const details = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`key ${n}`, '日'.repeat(5_000)]),
    )
    const service = grpcService(EventQueryService, {
      getEventBook: () => {
        throw CommandRejectedError.notFound('TALKATIVE', '日'.repeat(5_000), details)
      },
    })
    await using host = await serve(service)
    const client = serviceClient(EventQueryService, host.channel)
    await assert.rejects(client.getEventBook(create(QuerySchema)), {
      grpcCode: 'NOT_FOUND',
      code: 'TALKATIVE',
    })
  })

  it('answers INTERNAL when a function answers with no message', async () => {
    for (const answer of [7, undefined, null, create(QuerySchema)]) {
      const service = grpcService(EventQueryService, {
        // A program in JavaScript could do this.
        getEventBook: (() => answer) as never,
      })
      await using host = await serve(service)
      const client = serviceClient(EventQueryService, host.channel)
      await assert.rejects(client.getEventBook(create(QuerySchema)), {
        grpcCode: 'INTERNAL',
        code: 'HANDLER_WRONG_RESPONSE_KIND',
      })
    }
  })

  it('serves on while a thousand callers open a call and leave', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(CommandHandlerService, host.channel)
    const request = create(ContextualCommandSchema)
    const calls = Array.from({ length: 1_000 }, async () => {
      const stop = new AbortController()
      const call = client.handle(request, { signal: stop.signal })
      setImmediate(() => stop.abort())
      await call.catch(() => undefined)
    })
    await Promise.all(calls)
    const health = serviceClient(Health, host.channel)
    assert.equal((await health.check(create(HealthCheckRequestSchema))).status, 1)
    await stillServes(host)
  })
})
