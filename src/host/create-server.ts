/**
 * A gRPC server with health and reflection.
 *
 * 1. Its health is NOT_SERVING until somebody says otherwise.
 * 2. Stopping says NOT_SERVING first, takes no new connection, lets calls under way finish within
 *    their grace, and ends what is left then. Stopping twice is fine.
 */
import type { Server, ServerCredentials } from '@grpc/grpc-js'
import { type Grpc, loadGrpc } from '../client/grpc/load-grpc.ts'
import { grpcMethods } from '../client/grpc/service-definition.ts'
import { type Clock, systemClock } from '../clock.ts'
import { type CodedError, codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import { DEFAULT_BIND_HOST, type TransportType } from './bind-address.ts'
import type { GrpcService } from './grpc-service.ts'
import { type HealthRegistry, healthRegistry } from './health.ts'
import { TransportSignal } from './probe.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { defaultLogger, type Logger } from './log.ts'
import { observedService } from './observed-service.ts'
import { type BoundedListener, boundedListener } from './bounded-listener.ts'
import { reflectionServices } from './reflection.ts'
import { servedMethods } from './serve-methods.ts'
import { textOf } from './status-of-error.ts'
import {
  messageBytesOf,
  type ServerOptions,
  type ServerTls,
  transportOf,
} from './server-options.ts'

/** How a server stops. */
export type StopOptions = {
  /** Milliseconds that calls under way have. Default 25000. */
  readonly graceMs?: number | undefined
  /** Aborts when the rest of the grace is to be dropped. */
  readonly signal?: AbortSignal | undefined
}

/** A server (Angzarr client: `ServerHandle`). */
export interface ServerHandle extends AsyncDisposable {
  /** Where it listens; with port 0 the real port is known once it is started. */
  readonly address: string
  readonly transport: TransportType
  /** The port it listens on; `undefined` before the start, and for a socket. */
  readonly port: number | undefined
  /** Says that it listens; for a `TransportProbe`. */
  readonly transportSignal: TransportSignal
  readonly health: HealthRegistry
  /** Full names of what it serves, health and reflection left out. */
  readonly services: readonly string[]
  /**
   * Begins to listen.
   *
   * @throws CodedError `BIND_FAILED`, `UDS_BIND_FAILED`
   */
  start(): Promise<void>
  stop(options?: StopOptions): Promise<void>
}

/** Options of {@link createServer}. */
export type CreateServerOptions = ServerOptions & {
  /** Measures the grace. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Told of errors that nobody threw on purpose. Default: the log of this process. */
  readonly logger?: Logger | undefined
  /** Takes the spans and metrics of calls. Default: that of the process. */
  readonly telemetry?: Telemetry | undefined
}

/**
 * Makes a server that is not started yet (Angzarr client: `create_server`). Health knows the empty
 * name, and each service under its full and its bare name.
 *
 * @throws CodedError `GRPC_NOT_INSTALLED`, `SERVICE_DUPLICATE`, `INVALID_BIND_ADDRESS`,
 *   `UDS_DIRECTORY_CREATE_FAILED`
 */
export async function createServer(
  services: GrpcService | readonly GrpcService[],
  options: CreateServerOptions = {},
): Promise<ServerHandle> {
  const given: readonly GrpcService[] = 'schema' in services ? [services] : services
  const served = given.map((service) => observedService(service, options))
  const transport = transportOf(options)
  if (transport.type === 'tcp') checkAddress(transport.address)
  const grpc = await loadGrpc()
  const { logger = defaultLogger() } = options
  const report = (method: string, error: unknown): void =>
    logger('error', 'call_failed', { method, error: textOf(error) })
  const health = healthRegistry(healthNames(served, options.serviceName))
  const closing = new AbortController()
  const server = makeServer(grpc, options)
  const schemas = [...served, health.service].map(({ schema }) => schema)
  const described = options.reflection === false ? [] : reflectionServices(schemas, closing.signal)
  const all = [...served, health.service, ...described]
  checkDistinct(all)
  for (const service of all) {
    server.addService(grpcMethods(service.schema), servedMethods({ grpc, report }, service))
  }
  return new Handle({ grpc, server, health, transport, options, closing, served })
}

type Parts = {
  readonly grpc: Grpc
  readonly server: Server
  readonly health: HealthRegistry
  readonly transport: { readonly type: TransportType; readonly address: string }
  readonly options: CreateServerOptions
  readonly closing: AbortController
  readonly served: readonly GrpcService[]
}

class Handle implements ServerHandle {
  readonly transportSignal: TransportSignal = new TransportSignal()
  readonly #parts: Parts
  #address: string
  #port: number | undefined
  #stopping: Promise<void> | undefined
  #listener: BoundedListener | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#address = parts.transport.address
  }

  get address(): string {
    return this.#address
  }
  get port(): number | undefined {
    return this.#port
  }
  get transport(): TransportType {
    return this.#parts.transport.type
  }
  get health(): HealthRegistry {
    return this.#parts.health
  }
  get services(): readonly string[] {
    return this.#parts.served.map(({ schema }) => schema.typeName)
  }

  async start(): Promise<void> {
    const port = await this.#bind()
    if (this.transport === 'tcp') {
      this.#port = port
      this.#address = this.#address.replace(/:\d+$/, `:${port}`)
    }
    this.transportSignal.markBound()
  }

  async stop(options: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(options)
    await this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #bind(): Promise<number> {
    const { type } = this.#parts.transport
    try {
      return await this.#listen(this.#address)
    } catch (cause) {
      if (!hasNoIpv6(cause) || !this.#address.startsWith(`${DEFAULT_BIND_HOST}:`)) {
        throw bindError(type, this.#address, cause)
      }
      this.#address = this.#address.replace(DEFAULT_BIND_HOST, '0.0.0.0')
      return await this.#listen(this.#address).catch((second: unknown) => {
        throw bindError(type, this.#address, second)
      })
    }
  }

  async #listen(address: string): Promise<number> {
    const { grpc, server, options } = this.#parts
    const { maxConnections } = options
    if (maxConnections !== undefined) {
      const injector = server.createConnectionInjector(credentialsOf(grpc, options.tls))
      this.#listener = await boundedListener({ address, maxConnections, injector })
      return this.#listener.port
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    server.bindAsync(address, credentialsOf(grpc, options.tls), (error, port) => {
      if (error === null) resolve(port)
      else reject(error)
    })
    return await promise
  }

  async #stop({ graceMs = limits.shutdownGraceMs, signal }: StopOptions): Promise<void> {
    const { server, health, closing, options } = this.#parts
    health.shutDown()
    this.#listener?.close()
    closing.abort(codedError('ABORTED'))
    const { clock = systemClock() } = options
    const force = (): void => server.forceShutdown()
    const timer = clock.after(graceMs, force)
    signal?.addEventListener('abort', force)
    if (signal?.aborted === true) force()
    // What it could complain about is that it was never started, and then all is well.
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
    timer.cancel()
    signal?.removeEventListener('abort', force)
  }
}

function makeServer(grpc: Grpc, options: ServerOptions): Server {
  const bytes = messageBytesOf(options)
  return new grpc.Server({
    'grpc.max_receive_message_length': bytes,
    'grpc.max_send_message_length': bytes,
    'grpc.max_concurrent_streams':
      options.maxStreamsPerConnection ?? limits.grpcStreamsPerConnectionMax,
    'grpc.keepalive_time_ms': limits.grpcKeepaliveMs,
    'grpc.keepalive_timeout_ms': limits.grpcKeepaliveTimeoutMs,
    // `grpc.enable_channelz` stays on: without it the library does not know its connections, and
    // stopping by force would wait for a caller that does not hang up.
  })
}

function credentialsOf(grpc: Grpc, tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return grpc.ServerCredentials.createInsecure()
  const { privateKey, certificateChain, clientAuthorities } = tls
  const pair = { private_key: Buffer.from(privateKey), cert_chain: Buffer.from(certificateChain) }
  const roots = clientAuthorities === undefined ? null : Buffer.from(clientAuthorities)
  return grpc.ServerCredentials.createSsl(roots, [pair], roots !== null)
}

function healthNames(served: readonly GrpcService[], more: string | undefined): readonly string[] {
  const names = served.flatMap(({ schema }) => [schema.typeName, schema.name])
  return more === undefined || more === '' ? names : [...names, more]
}

function checkDistinct(served: readonly GrpcService[]): void {
  const seen = new Set<string>()
  for (const { schema } of served) {
    if (seen.has(schema.typeName)) {
      throw codedError('SERVICE_DUPLICATE', { details: { service: schema.typeName } })
    }
    seen.add(schema.typeName)
  }
}

function checkAddress(address: string): void {
  const { port } = /^(?:\[[^[\]]+\]|[^:[\]/\s]+):(?<port>\d{1,5})$/.exec(address)?.groups ?? {}
  if (port !== undefined && Number(port) <= 65_535) return
  throw codedError('INVALID_BIND_ADDRESS', {
    details: { input: address },
    hint: 'host:port, with an IPv6 host in brackets',
  })
}

function bindError(type: TransportType, address: string, cause: unknown): CodedError {
  const details = { address, cause: cause instanceof Error ? cause.message : String(cause) }
  return codedError(type === 'tcp' ? 'BIND_FAILED' : 'UDS_BIND_FAILED', { details, cause })
}

function hasNoIpv6(error: unknown): boolean {
  return error instanceof Error && /EAFNOSUPPORT|EADDRNOTAVAIL/.test(error.message)
}
