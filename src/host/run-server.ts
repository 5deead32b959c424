/**
 * Servers that run until they are told to end: by SIGTERM, SIGINT, or a signal of the caller.
 *
 * 1. The first signal begins the shutdown, a second one drops the rest of the grace.
 * 2. The environment is read, never written.
 */
import type { CommandHandlerRouter } from '../component/command-handler-router.ts'
import type { ProcessManagerRouter } from '../component/process-manager-router.ts'
import type { ProjectorRouter } from '../component/projector-router.ts'
import type { TypedRouter } from '../component/router.ts'
import type { SagaRouter } from '../component/saga-router.ts'
import type { UpcasterRouter } from '../component/upcaster-router.ts'
import { serviceOf } from './component-services.ts'
import type { GrpcService } from './grpc-service.ts'
import { type RunningServer, startServer, type StartServerOptions } from './start-server.ts'

/** How long a server runs. */
export type RunOptions = {
  /** Ends the server when it aborts, as SIGTERM does. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that calls under way have at the end. Default 25000. */
  readonly graceMs?: number | undefined
  /** Whether SIGTERM and SIGINT end the server. Default true. */
  readonly handleSignals?: boolean | undefined
  /** Told once the server listens. */
  readonly onStarted?: ((server: RunningServer) => void) | undefined
}

/** Options of {@link runServer}. */
export type RunServerOptions = StartServerOptions & RunOptions

/** Options of the servers of components. */
export type RunComponentServerOptions = Omit<
  RunServerOptions,
  'syncOutputDomains' | 'hasAsyncOutputs'
>

/**
 * Serves until it is told to end (Angzarr client: `run_server`); resolves when all is shut down.
 *
 * @throws CodedError what {@link startServer} throws
 */
export async function runServer(
  services: GrpcService | readonly GrpcService[],
  options: RunServerOptions = {},
): Promise<void> {
  await runUntilTold(() => startServer(services, options), options)
}

/** Serves aggregates (Angzarr client: `run_command_handler_server`). @throws as {@link runServer} */
export async function runCommandHandlerServer(
  router: CommandHandlerRouter,
  options: RunComponentServerOptions = {},
): Promise<void> {
  await runRouter(router, 'CommandHandlerService', options)
}

/** Serves sagas (Angzarr client: `run_saga_server`). @throws as {@link runServer} */
export async function runSagaServer(
  router: SagaRouter,
  options: RunComponentServerOptions = {},
): Promise<void> {
  await runRouter(router, 'SagaService', options)
}

/**
 * Serves process managers (Angzarr client: `run_process_manager_server`).
 *
 * @throws as {@link runServer}
 */
export async function runProcessManagerServer(
  router: ProcessManagerRouter,
  options: RunComponentServerOptions = {},
): Promise<void> {
  await runRouter(router, 'ProcessManagerService', options)
}

/** Serves projectors (Angzarr client: `run_projector_server`). @throws as {@link runServer} */
export async function runProjectorServer(
  router: ProjectorRouter,
  options: RunComponentServerOptions = {},
): Promise<void> {
  await runRouter(router, 'ProjectorService', options)
}

/** Serves upcasters (Angzarr client: `run_upcaster_server`). @throws as {@link runServer} */
export async function runUpcasterServer(
  router: UpcasterRouter,
  options: RunComponentServerOptions = {},
): Promise<void> {
  await runRouter(router, 'UpcasterService', options)
}

/** Runs whatever is started until it is told to end. Not for users. */
export async function runUntilTold(
  start: () => Promise<RunningServer>,
  { signal, graceMs, handleSignals = true, onStarted }: RunOptions,
): Promise<void> {
  const told = Promise.withResolvers<void>()
  const hurry = new AbortController()
  let times = 0
  const tell = (): void => {
    times++
    if (times === 1) told.resolve()
    else hurry.abort()
  }
  if (handleSignals) for (const name of ['SIGTERM', 'SIGINT']) process.on(name, tell)
  signal?.addEventListener('abort', tell)
  try {
    // Told before it listens, it starts and stops again: so every start has its end.
    if (signal?.aborted === true) tell()
    const server = await start()
    onStarted?.(server)
    await told.promise
    await server.stop({ graceMs, signal: hurry.signal })
  } finally {
    if (handleSignals) for (const name of ['SIGTERM', 'SIGINT']) process.off(name, tell)
    signal?.removeEventListener('abort', tell)
  }
}

async function runRouter(
  router: TypedRouter,
  serviceName: string,
  options: RunComponentServerOptions,
): Promise<void> {
  await runServer(serviceOf(router), {
    serviceName,
    ...options,
    syncOutputDomains: router.syncOutputDomains(),
    hasAsyncOutputs: router.hasAsyncOutputs(),
  })
}
