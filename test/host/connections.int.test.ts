import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import * as grpc from '@grpc/grpc-js'
import { CommandHandlerClient } from '../../src/client/command-handler-client.ts'
import { DomainClient } from '../../src/client/domain-client.ts'
import { connectChannel } from '../../src/client/grpc/connect.ts'
import { QueryClient } from '../../src/client/query-client.ts'
import { ExponentialBackoffRetry } from '../../src/client/retry.ts'
import { SpeculativeClient } from '../../src/client/speculative-client.ts'
import { ClientError, ConnectionError, GRPCError } from '../../src/errors/client-error.ts'
import { QuerySchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { SpeculateCommandHandlerRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { countingProxy, pingWatcher, silentServer } from './peers.ts'
import { recording } from './recorded.ts'
import { CLOSED_ENDPOINT, type Served, socketFolder } from './serving.ts'

const once = new ExponentialBackoffRetry({ maxAttempts: 1 })
const quick = (maxAttempts: number, onRetry?: () => void): ExponentialBackoffRetry =>
  new ExponentialBackoffRetry({ maxAttempts, minDelayMs: 1, maxDelayMs: 1, onRetry })

const query = create(QuerySchema, { cover: { domain: 'order' } })

const failsToConnect = (error: unknown): boolean => {
  assert.ok(error instanceof ClientError)
  return error.isConnectionError()
}

describe('connecting', () => {
  it('takes host and port, and http for plain text [client-C-0319, client-C-0320]', async () => {
    await using host = await recording()
    for (const endpoint of [host.endpoint, `http://${host.endpoint}`]) {
      await using client = await QueryClient.connect(endpoint)
      await client.getEventBook(query)
    }
    assert.equal(host.asked.queries.length, 2)
  })

  it('fails as a connection error for an unknown host [client-C-0322]', async () => {
    const connecting = QueryClient.connect('no-such-host.invalid:1310', { retry: once })
    await assert.rejects(connecting, failsToConnect)
  })

  it('fails as a connection error for a closed port [client-C-0323]', async () => {
    await assert.rejects(QueryClient.connect(CLOSED_ENDPOINT, { retry: once }), (error) => {
      assert.ok(error instanceof ConnectionError)
      assert.equal(error.code, 'CONNECTION_FAILED')
      assert.equal(error.details['endpoint'], CLOSED_ENDPOINT)
      assert.match(String(error.details['cause']), /ECONNREFUSED/)
      return true
    })
  })

  it('takes the path of a socket in every spelling [client-C-0324, client-C-0325]', async () => {
    await using folder = await socketFolder()
    const path = join(folder.path, 'ch-order.sock')
    await using host = await recording({ address: `unix:${path}` })
    for (const endpoint of [path, `unix:${path}`, `unix://${path}`]) {
      await using client = await QueryClient.connect(endpoint)
      await client.getEventBook(query)
    }
    assert.equal(host.asked.queries.length, 3)
  })

  it('fails as a connection error without the socket [client-C-0326]', async () => {
    await using folder = await socketFolder()
    const endpoint = join(folder.path, 'none.sock')
    await assert.rejects(QueryClient.connect(endpoint, { retry: once }), failsToConnect)
  })

  it('refuses what is no endpoint at once [client-C-0338]', async () => {
    let retried = 0
    const retry = quick(3, () => retried++)
    await assert.rejects(QueryClient.connect('not a valid endpoint', { retry }), {
      code: 'ENDPOINT_INVALID_URI',
    })
    assert.equal(retried, 0)
  })

  it('tries as often as its policy says, then names the endpoint', async () => {
    let retried = 0
    const retry = quick(3, () => retried++)
    await assert.rejects(QueryClient.connect(CLOSED_ENDPOINT, { retry }), {
      code: 'CONNECTION_FAILED_MAX_RETRIES',
      details: { endpoint: CLOSED_ENDPOINT },
    })
    assert.equal(retried, 2)
  })

  it('reaches a server that comes up between two attempts', async () => {
    await using folder = await socketFolder()
    const path = join(folder.path, 'late.sock')
    let host: Promise<Served> | undefined
    const retry = new ExponentialBackoffRetry({
      maxAttempts: 200,
      minDelayMs: 5,
      maxDelayMs: 5,
      onRetry: () => {
        host ??= recording({ address: `unix:${path}` })
      },
    })
    await using client = await QueryClient.connect(path, { retry })
    await client.getEventBook(query)
    assert.ok(host !== undefined)
    await (await host)[Symbol.asyncDispose]()
  })

  it('gives up when its signal aborts, however long a server says nothing', async () => {
    await using silent = await silentServer()
    const stop = new AbortController()
    const connecting = QueryClient.connect(silent.endpoint, { signal: stop.signal })
    setTimeout(() => stop.abort(), 20)
    await assert.rejects(connecting, { code: 'ABORTED' })
  })

  it('does not wait when it is lazy; the first call finds out', async () => {
    await using client = await QueryClient.connect(CLOSED_ENDPOINT, { lazy: true })
    await assert.rejects(client.getEventBook(query), (error: unknown) => {
      assert.ok(error instanceof GRPCError)
      assert.equal(error.grpcCode, 'UNAVAILABLE')
      return error.isConnectionError()
    })
  })

  it('is not hurt by a client that failed before [client-C-0340]', async () => {
    await using folder = await socketFolder()
    const path = join(folder.path, 'ch.sock')
    await assert.rejects(QueryClient.connect(path, { retry: once }))
    await using host = await recording({ address: `unix:${path}` })
    await using client = await QueryClient.connect(path, { retry: once })
    await client.getEventBook(query)
    assert.equal(host.asked.queries.length, 1)
  })

  it('asks an idle connection whether it is still there [client-C-0337]', async () => {
    const pinged = Promise.withResolvers<void>()
    await using watcher = await pingWatcher(pinged.resolve)
    const grpcOptions = { 'grpc.keepalive_time_ms': 10 }
    await using channel = await connectChannel(watcher.endpoint, { grpcOptions })
    await pinged.promise
    assert.equal(channel.endpoint, watcher.endpoint)
  })
})

describe('an endpoint in the environment', () => {
  const variable = 'AMENDS_TEST_ENDPOINT'

  it('is used when it is set, the default otherwise [client-C-0327, client-C-0328, client-C-0329]', async () => {
    await using host = await recording()
    const count = async (fallback: string): Promise<number> => {
      await using client = await QueryClient.fromEnv(variable, fallback, { retry: once })
      await client.getEventBook(query)
      return host.asked.queries.length
    }
    delete process.env[variable]
    assert.equal(await count(host.endpoint), 1)
    process.env[variable] = ''
    assert.equal(await count(host.endpoint), 2)
    process.env[variable] = host.endpoint
    assert.equal(await count(CLOSED_ENDPOINT), 3)
    process.env[variable] = CLOSED_ENDPOINT
    await assert.rejects(count(host.endpoint), failsToConnect)
    delete process.env[variable]
  })

  it('makes a domain client too [client-C-0230]', async () => {
    await using host = await recording()
    await using client = await DomainClient.fromEnv(variable, host.endpoint, { domain: 'order' })
    await client.command('o-1').withMessage(CreateOrderSchema, {}).execute()
    assert.equal(host.asked.requests.length, 1)
  })

  it('with a default that is no endpoint is refused by its own code', async () => {
    await assert.rejects(QueryClient.fromEnv(variable, 'not an endpoint'), {
      code: 'ENDPOINT_PARSE_FAILED',
    })
  })
})

describe('forDomain', () => {
  it('connects to the socket of the domain in standalone mode', async () => {
    await using folder = await socketFolder()
    await using host = await recording({ address: `unix:${join(folder.path, 'ch-order.sock')}` })
    const options = { udsBase: folder.path, retry: once }
    await using client = await DomainClient.forDomain('order', 'standalone', options)
    assert.equal(client.domain, 'order')
    await client.query('o-1').getEventBook()
    assert.equal(host.asked.queries.length, 1)
  })
})

describe('a client made from a channel', () => {
  it('uses it, shares it, and leaves it open [client-C-0330, client-C-0331]', async () => {
    await using host = await recording()
    const first = QueryClient.fromChannel(host.channel)
    const second = CommandHandlerClient.fromChannel(host.channel)
    await first.getEventBook(query)
    await first.close()
    await second.command('order', 'o-1').withMessage(CreateOrderSchema, {}).execute()
    await second.close()
    await QueryClient.fromChannel(host.channel).getEventBook(query)
    assert.equal(host.asked.queries.length, 2)
    assert.equal(host.asked.requests.length, 1)
  })

  it('takes channels and clients of the gRPC library', async () => {
    await using host = await recording()
    const library = new grpc.Client(host.endpoint, grpc.credentials.createInsecure())
    await QueryClient.fromChannel(library).getEventBook(query)
    await QueryClient.fromChannel(library.getChannel()).getEventBook(query)
    library.close()
    assert.equal(host.asked.queries.length, 2)
  })

  it('is each kind of client by itself [client-C-0332, client-C-0333, client-C-0334]', async () => {
    await using host = await recording()
    await QueryClient.fromChannel(host.channel).query('order', 'o-1').getEventBook()
    const commands = CommandHandlerClient.fromChannel(host.channel)
    await commands.command('order', 'o-1').withMessage(CreateOrderSchema, {}).execute()
    const speculative = SpeculativeClient.fromChannel(host.channel)
    await speculative.commandHandler(create(SpeculateCommandHandlerRequestSchema))
    const { queries, requests, speculated } = host.asked
    assert.deepEqual([queries.length, requests.length, speculated.length], [1, 1, 1])
  })

  it('of a domain does all of it over one connection [client-C-0335]', async () => {
    await using host = await recording()
    await using tap = await countingProxy(host.endpoint)
    await using client = await DomainClient.connect(tap.endpoint, { domain: 'order' })
    await client.command('o-1').withMessage(CreateOrderSchema, {}).execute()
    await client.query('o-1').getEventBook()
    await client.speculative.commandHandler(create(SpeculateCommandHandlerRequestSchema))
    assert.equal(tap.connections(), 1)
  })
})
