/** Servers for tests: on a port of their own, silent, gone at the end of the test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel } from '../../src/client/grpc/channel.ts'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import type { ComponentOrClass } from '../../src/component/definition-of.ts'
import { type ComponentHostOptions, startComponentHost } from '../../src/host/component-host.ts'
import type { GrpcService } from '../../src/host/grpc-service.ts'
import {
  type RunningServer,
  startServer,
  type StartServerOptions,
} from '../../src/host/start-server.ts'

/** Nobody listens here: the port is taken by nobody and refused by the system. */
export const CLOSED_ENDPOINT = '127.0.0.1:1'

/** A server and a channel to it; disposing closes both. */
export type Served = AsyncDisposable & {
  readonly server: RunningServer
  readonly channel: Channel
  readonly endpoint: string
}

const quiet = { logger: () => undefined, environment: {} } as const

/** Serves services on loopback, with a channel to them. */
export async function serve(
  services: GrpcService | readonly GrpcService[],
  options: StartServerOptions = {},
): Promise<Served> {
  return await served(await startServer(services, { ...quiet, address: '127.0.0.1:0', ...options }))
}

/** Serves components. */
export async function serveComponents(
  components: readonly ComponentOrClass[],
  options: ComponentHostOptions = {},
): Promise<Served> {
  return await served(
    await startComponentHost({ ...quiet, address: '127.0.0.1:0', ...options, components }),
  )
}

async function served(server: RunningServer): Promise<Served> {
  const endpoint = server.address
  const channel = await openChannel(endpoint)
  await server.ready
  return {
    server,
    channel,
    endpoint,
    [Symbol.asyncDispose]: async () => {
      await channel.close()
      await server.stop()
    },
  }
}

/** A folder for sockets; disposing removes it. */
export async function socketFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'amends-host-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
