/**
 * A coordinator behind gRPC servers, and if it is asked for, an HTTP server: one table of services,
 * one gate.
 *
 * 1. It is open to everybody only where nobody but this machine can reach it, or when told so.
 * 2. It says SERVING when it listens everywhere, and NOT_SERVING before anything of it ends.
 * 3. Draining: nobody comes in any more; who is inside finishes; then the coordinator ends, with its
 *    components still there; then they are asked to leave; then the servers end. Twice is fine.
 */
import { type Clock, systemClock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { type ApiKey, keyRing } from '../../host/api-keys.ts'
import type { GrpcService } from '../../host/grpc-service.ts'
import { guardedService } from '../../host/guarded-service.ts'
import { defaultLogger, type Logger } from '../../host/log.ts'
import type { Probe } from '../../host/probe.ts'
import type { ServerTls } from '../../host/server-options.ts'
import { type RunningServer, startServer } from '../../host/start-server.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Coordinator } from '../coordinator.ts'
import { type CallGate, callGate } from './call-gate.ts'
import { coordinatorServices } from './coordinator-services.ts'
import {
  DEFAULT_LISTEN,
  isLocalAddress,
  listenAddress,
  nameSockets,
  prepareSocket,
  removeNames,
} from './listen-addresses.ts'
import type { HttpOptions } from './http/http-options.ts'
import { type HttpServer, serveHttp, type ServeHttpOptions } from './http/serve-http.ts'
import type { SessionDesk } from './remote/session-desk.ts'

/** Options of {@link serveCoordinator}. */
export type ServeCoordinatorOptions = {
  readonly coordinator: Coordinator
  /** `host:port`, or paths of Unix sockets. Default `127.0.0.1:1310`. */
  readonly listen?: string | readonly string[] | undefined
  /** The routes of the contract as HTTP/JSON, health, and metrics. Default: no HTTP. */
  readonly http?: HttpOptions | undefined
  /** Domains for which `ch-<domain>.sock` is put beside each socket. Default none. */
  readonly domains?: readonly string[] | undefined
  /** Keys of callers. Default: none, which `listen` must allow. */
  readonly keys?: readonly ApiKey[] | undefined
  /** Open to everybody who can reach it, wherever it listens. Default false. */
  readonly open?: boolean | undefined
  /** Certificates, for TCP addresses. Default: plain text. */
  readonly tls?: ServerTls | undefined
  /** Where components dial in. Default: nowhere. */
  readonly sessions?: SessionDesk | undefined
  /** Services of the application. Default none. */
  readonly services?: readonly GrpcService[] | undefined
  /** Further things it needs to be ready. Default none. */
  readonly probes?: readonly Probe[] | undefined
  /** Largest message in either direction, in bytes. Default 10 MiB. */
  readonly maxMessageBytes?: number | undefined
  /** Streams of one connection. Default 1000. */
  readonly maxStreamsPerConnection?: number | undefined
  /** Connections of one address. Default 1000. */
  readonly maxConnections?: number | undefined
  /** Whether callers may ask what it serves. Default true. */
  readonly reflection?: boolean | undefined
  /** Whether the coordinator ends with it. Default false. */
  readonly closesCoordinator?: boolean | undefined
  readonly logger?: Logger | undefined
  /** Takes the spans and metrics of calls. Default: the coordinator's. */
  readonly telemetry?: Telemetry | undefined
  readonly clock?: Clock | undefined
}

/** A coordinator that is served. */
export interface CoordinatorServer extends AsyncDisposable {
  /** Where it listens, ports filled in. */
  readonly addresses: readonly string[]
  /** Where it listens for HTTP, as URLs; sockets as `unix:` and a path. */
  readonly httpAddresses: readonly string[]
  /** Resolves when every probe has passed everywhere. */
  readonly ready: Promise<void>
  /** Drains it. `graceMs` is what callers have to finish, 25000 by default. */
  stop(options?: {
    readonly graceMs?: number | undefined
    readonly signal?: AbortSignal | undefined
  }): Promise<void>
}

/**
 * Serves a coordinator.
 *
 * @throws CodedError `ACCESS_NOT_RESTRICTED` for an address that others can reach, without keys;
 *   `CONFIGURATION_INVALID`, `INVALID_BIND_ADDRESS`, `BIND_FAILED`, `UDS_BIND_FAILED`,
 *   `UDS_DIRECTORY_CREATE_FAILED`, `GRPC_NOT_INSTALLED`
 */
export async function serveCoordinator(
  options: ServeCoordinatorOptions,
): Promise<CoordinatorServer> {
  const { listen = DEFAULT_LISTEN, http, keys = [], clock = systemClock() } = options
  const addresses = listOf(listen).map(listenAddress)
  const httpAddresses = http === undefined ? [] : listOf(http.listen).map(listenAddress)
  checkAccess([...addresses, ...httpAddresses], options)
  const gate = callGate(keys.length === 0 ? undefined : keyRing(keys))
  const draining = new AbortController()
  const inner = coordinatorServices(options.coordinator, { clock, draining: draining.signal })
  const session = options.sessions?.service
  const all = [...inner, ...(session === undefined ? [] : [session]), ...(options.services ?? [])]
  const services = all.map((service) => guardedService(service, gate.guard))
  const running: RunningServer[] = []
  const names: string[] = []
  try {
    for (const address of addresses) {
      await prepareSocket(address)
      running.push(await startServer(services, serverOptions(address, options)))
      names.push(...nameSockets(address, options.domains ?? []))
    }
    const served =
      http === undefined
        ? undefined
        : await serveHttp({
            ...httpParts(options, http),
            addresses: httpAddresses,
            services,
            gate,
            isReady: () => running.every(({ health }) => health.status('') === 'SERVING'),
            clock,
          })
    return new Served(options, { gate, draining, running, names, clock, http: served })
  } catch (error) {
    removeNames(names)
    await Promise.all(running.map((server) => server.stop({ graceMs: 0 })))
    throw error
  }
}

function listOf(listen: string | readonly string[]): readonly string[] {
  return typeof listen === 'string' ? [listen] : listen
}

function httpParts(
  options: ServeCoordinatorOptions,
  http: HttpOptions,
): Pick<ServeHttpOptions, 'http' | 'restricted' | 'tls' | 'logger' | 'metrics' | 'telemetry'> {
  const { coordinator, keys = [], open = false, tls, logger = defaultLogger() } = options
  const { telemetry = coordinator.telemetry } = options
  const restricted = keys.length > 0 || open
  return { http, restricted, tls, logger, telemetry, metrics: () => coordinator.metrics.text() }
}

type Parts = {
  readonly gate: CallGate
  readonly draining: AbortController
  readonly running: readonly RunningServer[]
  readonly names: readonly string[]
  readonly clock: Clock
  readonly http: HttpServer | undefined
}

class Served implements CoordinatorServer {
  readonly #options: ServeCoordinatorOptions
  readonly #parts: Parts
  #stopping: Promise<void> | undefined

  constructor(options: ServeCoordinatorOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
  }

  get addresses(): readonly string[] {
    return this.#parts.running.map(({ address }) => address)
  }

  get httpAddresses(): readonly string[] {
    return this.#parts.http?.addresses ?? []
  }

  get ready(): Promise<void> {
    return Promise.all(this.#parts.running.map(({ ready }) => ready)).then(() => undefined)
  }

  async stop(options: Parameters<CoordinatorServer['stop']>[0] = {}): Promise<void> {
    this.#stopping ??= this.#stop(options)
    await this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop({
    graceMs = limits.shutdownGraceMs,
    signal,
  }: Parameters<CoordinatorServer['stop']>[0] & {}): Promise<void> {
    const { gate, draining, running, names, clock, http } = this.#parts
    const { coordinator, closesCoordinator = false, sessions } = this.#options
    for (const { health } of running) health.shutDown()
    http?.drain()
    gate.close()
    draining.abort(codedError('COORDINATOR_CLOSED'))
    await withinGrace(gate.empty, { graceMs, signal, clock })
    if (closesCoordinator) await coordinator[Symbol.asyncDispose]()
    sessions?.close()
    removeNames(names)
    const hurry = signal === undefined ? {} : { signal }
    await Promise.all([
      ...running.map((server) => server.stop({ graceMs: limits.partingMs, ...hurry })),
      http?.stop({ graceMs: limits.partingMs }),
    ])
  }
}

function serverOptions(
  address: string,
  options: ServeCoordinatorOptions,
): Parameters<typeof startServer>[1] & {} {
  const local = address.startsWith('unix:')
  const { maxConnections = limits.serverConnectionsMax, logger, clock, probes } = options
  const { maxMessageBytes, maxStreamsPerConnection, reflection, tls } = options
  const { telemetry = options.coordinator.telemetry } = options
  return {
    address,
    maxConnections,
    maxMessageBytes,
    maxStreamsPerConnection,
    reflection,
    tls: local ? undefined : tls,
    probes,
    logger,
    telemetry,
    clock,
    serviceName: 'coordinator',
  }
}

function checkAccess(addresses: readonly string[], options: ServeCoordinatorOptions): void {
  const { keys = [], open = false } = options
  const { listen, http } = options
  if (listen?.length === 0 || http?.listen.length === 0) {
    const hint = 'Name at least one address to listen on.'
    throw codedError('CONFIGURATION_INVALID', { details: { listen: '' }, hint })
  }
  if (keys.length > 0 || open) return
  const address = addresses.find((one) => !isLocalAddress(one))
  if (address === undefined) return
  throw codedError('ACCESS_NOT_RESTRICTED', {
    details: { address },
    hint: 'Give it API keys, listen on loopback or a socket, or say that it is open on purpose.',
  })
}

async function withinGrace(
  done: Promise<void>,
  options: {
    readonly graceMs: number
    readonly signal?: AbortSignal | undefined
    readonly clock: Clock
  },
): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = options.clock.after(options.graceMs, over.resolve)
  const hurry = (): void => over.resolve()
  options.signal?.addEventListener('abort', hurry)
  if (options.signal?.aborted === true) hurry()
  await Promise.race([done, over.promise])
  timer.cancel()
  options.signal?.removeEventListener('abort', hurry)
}
