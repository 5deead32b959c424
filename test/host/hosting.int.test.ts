import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { QueryClient } from '../../src/client/query-client.ts'
import type { CommandHandlerRouter } from '../../src/component/command-handler-router.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import { startComponentHost } from '../../src/host/component-host.ts'
import { createServer } from '../../src/host/create-server.ts'
import { grpcService } from '../../src/host/grpc-service.ts'
import type { LogFields } from '../../src/host/log.ts'
import {
  runCommandHandlerServer,
  runProcessManagerServer,
  runProjectorServer,
  runSagaServer,
  runUpcasterServer,
} from '../../src/host/run-server.ts'
import { type RunningServer, startServer } from '../../src/host/start-server.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import {
  EventBookSchema,
  QuerySchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthListRequestSchema,
} from '../../src/proto/grpc/health/v1/health_pb.ts'
import { commandRequest, make } from '../component/envelopes.ts'
import {
  aggregates,
  processRouter,
  projectorRouter,
  sagaRouter,
  upcasterRouter,
} from '../component/routers.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { orderOf } from '../component/order.ts'
import { certificate } from './certificate.ts'
import { fulfilment, listOf, order, process as processManager, renewal } from './component-kinds.ts'
import { serve, serveComponents, type Served, socketFolder } from './serving.ts'

const createOrder = make(CreateOrderSchema, { orderId: 'o-1' })
const query = create(QuerySchema, { cover: { domain: 'order' } })
const queries = grpcService(EventQueryService, { getEventBook: () => create(EventBookSchema) })
const quiet = { logger: () => undefined, environment: {}, address: '127.0.0.1:0' } as const

async function healthOf(host: Served, service = ''): Promise<ServingStatus> {
  const client = serviceClient(Health, host.channel)
  return (await client.check(create(HealthCheckRequestSchema, { service }))).status
}

describe('a host', () => {
  it('serves one component [client-C-0494, client-C-0495, client-C-0497]', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(CommandHandlerService, host.channel)
    const { result } = await client.handle(commandRequest('order', createOrder))
    assert.equal(result.case, 'events')
  })

  it('serves two components of one kind by whatever domains they have [client-C-0496, client-C-0498]', async () => {
    await using host = await serveComponents([order, orderOf('returns')])
    const client = serviceClient(CommandHandlerService, host.channel)
    const pages = async (domain: string): Promise<number> => {
      const { result } = await client.handle(commandRequest(domain, createOrder))
      assert.equal(result.case, 'events')
      return result.value.pages.length
    }
    assert.deepEqual([await pages('order'), await pages('returns')], [1, 0])
  })

  it('listens where the environment says [client-C-0499]', async () => {
    await using folder = await socketFolder()
    const environment = {
      TRANSPORT_TYPE: 'uds',
      UDS_BASE_PATH: folder.path,
      SERVICE_NAME: 'ch',
      DOMAIN: 'order',
    }
    const options = { logger: () => undefined, components: [order] }
    await using socket = await startComponentHost({ ...options, environment })
    assert.equal(socket.address, `unix:${join(folder.path, 'ch-order.sock')}`)
    const tcp = { ANGZARR_BIND_ADDRESS: '127.0.0.1:0' }
    await using port = await startComponentHost({ ...options, environment: tcp })
    assert.match(port.address, /^127\.0\.0\.1:[1-9]\d*$/)
    await using channel = await openChannel(socket.address)
    const { result } = await serviceClient(CommandHandlerService, channel).handle(
      commandRequest('order', createOrder),
    )
    assert.equal(result.case, 'events')
  })

  it('reads its environment and writes nothing into it', async () => {
    const environment = Object.freeze({ PORT: '0', GRPC_PORT: '1', ANGZARR_MODE: 'standalone' })
    const before = { ...process.env }
    await using host = await startComponentHost({
      logger: () => undefined,
      components: [order],
      environment,
    })
    assert.ok((host.port ?? 0) > 1)
    assert.deepEqual({ ...process.env }, before)
  })

  it('removes its socket when it stops [client-C-0502]', async () => {
    await using folder = await socketFolder()
    const path = join(folder.path, 'x.sock')
    const host = await serveComponents([order], { address: path })
    assert.ok(existsSync(path))
    await host[Symbol.asyncDispose]()
    assert.ok(!existsSync(path))
  })

  it('serves services of the application beside, with health [client-C-0503]', async () => {
    await using host = await serveComponents([order], { services: [queries] })
    await QueryClient.fromChannel(host.channel).getEventBook(query)
    const { typeName, name } = EventQueryService
    assert.equal(await healthOf(host, typeName), ServingStatus.SERVING)
    assert.equal(await healthOf(host, name), ServingStatus.SERVING)
  })

  it('with nothing to host is a mistake of the configuration [client-C-0504]', async () => {
    await assert.rejects(startComponentHost({}), { code: 'NO_COMPONENTS_REGISTERED' })
    await assert.rejects(startComponentHost({ services: [queries] }), {
      code: 'NO_COMPONENTS_REGISTERED',
    })
  })

  it('refuses two routers of one kind', async () => {
    const options = { ...quiet, routers: [aggregates(order)], components: [order] }
    await assert.rejects(startComponentHost(options), { code: 'SERVICE_DUPLICATE' })
  })
})

describe('health', () => {
  it('is SERVING only once every probe has passed [client-C-0500]', async () => {
    let ready = false
    const probes = [{ name: 'shop', check: () => ready }]
    await using server = await startServer(queries, { ...quiet, probes, probeIntervalMs: 1 })
    await using channel = await openChannel(server.address)
    const client = serviceClient(Health, channel)
    const statuses: ServingStatus[] = []
    for await (const { status } of client.watch(create(HealthCheckRequestSchema))) {
      statuses.push(status)
      ready = true
      if (status === ServingStatus.SERVING) break
    }
    assert.deepEqual(statuses, [ServingStatus.NOT_SERVING, ServingStatus.SERVING])
  })

  it('knows the empty, the full and the bare name, and no other', async () => {
    await using host = await serve(queries, { serviceName: 'orders' })
    const { typeName, name } = EventQueryService
    for (const service of ['', typeName, name, 'orders']) {
      assert.equal(await healthOf(host, service), ServingStatus.SERVING)
    }
    const unknown = await healthOf(host, 'strangers').catch((error: unknown) => error)
    assert.ok(unknown instanceof GRPCError && unknown.isNotFound())
    const client = serviceClient(Health, host.channel)
    const { statuses } = await client.list(create(HealthListRequestSchema))
    assert.deepEqual(Object.keys(statuses).toSorted(), ['', name, typeName, 'orders'].toSorted())
    const request = create(HealthCheckRequestSchema, { service: 'strangers' })
    for await (const { status } of client.watch(request)) {
      assert.equal(status, ServingStatus.SERVICE_UNKNOWN)
      break
    }
  })

  it('is NOT_SERVING as soon as a stop begins; calls under way finish [client-C-0501]', async () => {
    const inside = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const slow = grpcService(EventQueryService, {
      getEventBook: async () => {
        inside.resolve()
        await release.promise
        return create(EventBookSchema, { nextSequence: 7 })
      },
    })
    await using host = await serve(slow)
    const statuses: ServingStatus[] = []
    const watching = (async () => {
      const client = serviceClient(Health, host.channel)
      for await (const { status } of client.watch(create(HealthCheckRequestSchema))) {
        statuses.push(status)
        if (status === ServingStatus.NOT_SERVING) release.resolve()
      }
    })()
    const calling = QueryClient.fromChannel(host.channel).getEventBook(query)
    await inside.promise
    await host.server.stop()
    assert.equal((await calling).nextSequence, 7)
    await watching
    assert.deepEqual(statuses, [ServingStatus.SERVING, ServingStatus.NOT_SERVING])
  })
})

describe('a stop', () => {
  it('ends what does not finish within its grace', async () => {
    const inside = Promise.withResolvers<void>()
    const stuck = grpcService(EventQueryService, {
      getEventBook: async () => {
        inside.resolve()
        return await new Promise(() => undefined)
      },
    })
    await using host = await serve(stuck)
    const calling = QueryClient.fromChannel(host.channel).getEventBook(query)
    calling.catch(() => undefined)
    await inside.promise
    await host.server.stop({ graceMs: 1 })
    await assert.rejects(calling, (error: unknown) => error instanceof GRPCError)
  })

  it('may come twice, and before the start', async () => {
    const server = await createServer(queries, quiet)
    await Promise.all([server.stop(), server.stop()])
    await using started = await startServer(queries, quiet)
    await Promise.all([started.stop(), started.stop()])
  })
})

describe('createServer', () => {
  it('says NOT_SERVING under every name before anybody says otherwise', async () => {
    await using server = await createServer(queries, { ...quiet, serviceName: 'orders' })
    const { typeName, name } = EventQueryService
    assert.deepEqual(server.health.names, ['', typeName, name, 'orders'])
    for (const each of server.health.names) {
      assert.equal(server.health.status(each), 'NOT_SERVING')
    }
    assert.equal(server.transportSignal.isBound(), false)
    await server.start()
    assert.equal(server.transportSignal.isBound(), true)
    assert.ok(server.port !== undefined && server.port > 0)
  })

  it('refuses an address that is none', async () => {
    for (const address of [
      'nowhere',
      'here:port',
      'here:65536',
      ':7',
      '::1:7',
      'a b:7',
      'http://x:1',
    ]) {
      await assert.rejects(createServer(queries, { ...quiet, address }), {
        code: 'INVALID_BIND_ADDRESS',
        details: { input: address },
      })
    }
  })

  it('says with a code that the address is taken', async () => {
    await using first = await startServer(queries, quiet)
    await assert.rejects(startServer(queries, { ...quiet, address: first.address }), {
      code: 'BIND_FAILED',
    })
    await using folder = await socketFolder()
    const address = join(folder.path, 'missing', 'x.sock')
    await assert.rejects(startServer(queries, { ...quiet, address }), { code: 'UDS_BIND_FAILED' })
  })

  it('refuses two services of one name', async () => {
    await assert.rejects(createServer([queries, queries], quiet), { code: 'SERVICE_DUPLICATE' })
    const ours = grpcService(Health, {})
    await assert.rejects(createServer(ours, quiet), { code: 'SERVICE_DUPLICATE' })
  })

  it('encrypts when it has a certificate; https connects to it [client-C-0321]', async () => {
    const { key, certificate: chain } = certificate()
    const tls = { privateKey: key, certificateChain: chain }
    await using server = await startServer(queries, { ...quiet, tls })
    const endpoint = `https://localhost:${server.port}`
    await using client = await QueryClient.connect(endpoint, { tls: { rootCertificates: chain } })
    await client.getEventBook(query)
    await using plain = await QueryClient.connect(server.address, { lazy: true })
    await assert.rejects(plain.getEventBook(query), (error: unknown) => {
      return error instanceof GRPCError && error.isConnectionError()
    })
  })
})

describe('the five servers', () => {
  const runners: readonly (readonly [string, (options: Options) => Promise<void>])[] = [
    ['CommandHandlerService', (options) => runCommandHandlerServer(aggregates(order), options)],
    ['SagaService', (options) => runSagaServer(sagaRouter(fulfilment), options)],
    [
      'ProcessManagerService',
      (options) => runProcessManagerServer(processRouter(processManager), options),
    ],
    ['ProjectorService', (options) => runProjectorServer(projectorRouter(listOf([])), options)],
    ['UpcasterService', (options) => runUpcasterServer(upcasterRouter(renewal), options)],
  ]
  type Options = NonNullable<Parameters<typeof runCommandHandlerServer>[1]>

  for (const [name, run] of runners) {
    it(`run as ${name} until they are told to end`, async () => {
      const stop = new AbortController()
      const log: (readonly [string, LogFields | undefined])[] = []
      const started = Promise.withResolvers<RunningServer>()
      const running = run({
        ...quiet,
        domain: 'order',
        signal: stop.signal,
        handleSignals: false,
        logger: (_level, event, fields) => log.push([event, fields]),
        onStarted: started.resolve,
      })
      const server = await started.promise
      await server.ready
      const full = `angzarr_client.proto.angzarr.${name}`
      assert.deepEqual(server.health.names, ['', full, name])
      assert.equal(server.health.status(name), 'SERVING')
      stop.abort()
      await running
      const about = { service: name, domain: 'order' }
      assert.deepEqual(log, [
        ['server_started', { ...about, transport: 'tcp', address: server.address }],
        ['server_shutdown', about],
      ])
    })
  }

  it('start and end at once when they were told before', async () => {
    const router: CommandHandlerRouter = aggregates(order)
    await runCommandHandlerServer(router, { ...quiet, signal: AbortSignal.abort() })
  })
})
