/** A server with its readiness supervisor and its log. */
import { type Environment } from '../client/endpoint.ts'
import {
  createServer,
  type CreateServerOptions,
  type ServerHandle,
  type StopOptions,
} from './create-server.ts'
import type { GrpcService } from './grpc-service.ts'
import { defaultLogger } from './log.ts'
import {
  BusProbe,
  OutputDomainProbe,
  type Probe,
  probeConfigFromEnv,
  TransportProbe,
} from './probe.ts'
import { runSupervisor, type Supervisor } from './supervisor.ts'

/** Options of {@link startServer}. */
export type StartServerOptions = CreateServerOptions & {
  /** Milliseconds between two rounds of probes. Default: what the environment says, else 30000. */
  readonly probeIntervalMs?: number | undefined
  /** Milliseconds one probe may take. Default: what the environment says, else 2000. */
  readonly probeTimeoutMs?: number | undefined
  /** Stands in the log. Default ''. */
  readonly domain?: string | undefined
  /** Domains whose coordinators must be reachable for the server to be ready. Default none. */
  readonly syncOutputDomains?: readonly string[] | undefined
  /** Whether the broker must be reachable, if `ANGZARR_BUS_ENDPOINT` names one. Default false. */
  readonly hasAsyncOutputs?: boolean | undefined
  /** Further things the server needs. Default none. */
  readonly probes?: readonly Probe[] | undefined
}

/** A server that runs. */
export interface RunningServer extends Omit<ServerHandle, 'start'> {
  /** Resolves when every probe has passed for the first time: the server is SERVING. */
  readonly ready: Promise<void>
}

/**
 * Starts a server: listens, asks its probes, tells its health. Stop it with `stop`.
 *
 * @throws CodedError what {@link createServer} throws; `BIND_FAILED`, `UDS_BIND_FAILED`
 */
export async function startServer(
  services: GrpcService | readonly GrpcService[],
  options: StartServerOptions = {},
): Promise<RunningServer> {
  const { environment = process.env, logger = defaultLogger(), domain = '', clock } = options
  const probes = probesOf(options, environment)
  const { intervalMs, timeoutMs } = probeConfigFromEnv(environment)
  const handle = await createServer(services, options)
  const about = { service: options.serviceName ?? handle.services.join(','), domain }
  await handle.start()
  logger('info', 'server_started', {
    ...about,
    transport: handle.transport,
    address: handle.address,
  })
  const supervisor = runSupervisor({
    intervalMs: options.probeIntervalMs ?? intervalMs,
    timeoutMs: options.probeTimeoutMs ?? timeoutMs,
    probes: [new TransportProbe(handle.transportSignal), ...probes],
    health: handle.health,
    logger,
    clock,
  })
  return new Running(handle, supervisor, () => logger('info', 'server_shutdown', about))
}

class Running implements RunningServer {
  readonly #handle: ServerHandle
  readonly #supervisor: Supervisor
  readonly #onStopped: () => void
  #stopping: Promise<void> | undefined

  constructor(handle: ServerHandle, supervisor: Supervisor, onStopped: () => void) {
    this.#handle = handle
    this.#supervisor = supervisor
    this.#onStopped = onStopped
  }

  get address(): string {
    return this.#handle.address
  }
  get transport(): ServerHandle['transport'] {
    return this.#handle.transport
  }
  get port(): number | undefined {
    return this.#handle.port
  }
  get transportSignal(): ServerHandle['transportSignal'] {
    return this.#handle.transportSignal
  }
  get health(): ServerHandle['health'] {
    return this.#handle.health
  }
  get services(): readonly string[] {
    return this.#handle.services
  }
  get ready(): Promise<void> {
    return this.#supervisor.ready
  }

  async stop(options: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(options)
    await this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop(options: StopOptions): Promise<void> {
    // The supervisor is silent first, so that nobody says SERVING again.
    const silent = this.#supervisor.stop()
    this.#handle.health.shutDown()
    await silent
    await this.#handle.stop(options)
    this.#onStopped()
  }
}

function probesOf(options: StartServerOptions, environment: Environment): readonly Probe[] {
  const { syncOutputDomains = [], hasAsyncOutputs = false, probes = [] } = options
  const domains = syncOutputDomains.map((domain) =>
    OutputDomainProbe.forDomain(domain, { environment }),
  )
  const bus = hasAsyncOutputs ? BusProbe.fromEnv(environment) : undefined
  return bus === undefined ? [...domains, ...probes] : [...domains, bus, ...probes]
}
