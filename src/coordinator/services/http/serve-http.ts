/** The HTTP server of a served coordinator, on all of its addresses. */
import type { Clock } from '../../../clock.ts'
import type { GrpcService } from '../../../host/grpc-service.ts'
import type { Logger } from '../../../host/log.ts'
import { observedService } from '../../../host/observed-service.ts'
import type { ServerTls } from '../../../host/server-options.ts'
import type { Telemetry } from '../../../telemetry/telemetry.ts'
import type { CallGate } from '../call-gate.ts'
import { isLocalAddress, prepareSocket } from '../listen-addresses.ts'
import { httpRequests } from './http-handler.ts'
import { type HttpListener, httpListener } from './http-listener.ts'
import { httpBounds, type HttpOptions } from './http-options.ts'
import { httpRoutes } from './http-routes.ts'
import { messageTypes } from './message-types.ts'

/** What serving needs. */
export type ServeHttpOptions = {
  readonly http: HttpOptions
  /** `host:port`, or `unix:` and a path. */
  readonly addresses: readonly string[]
  /** Behind their guard, the same that gRPC serves. */
  readonly services: readonly GrpcService[]
  readonly gate: Pick<CallGate, 'check'>
  /** Whether callers show a key, or need none on purpose. */
  readonly restricted: boolean
  readonly tls: ServerTls | undefined
  readonly isReady: () => boolean
  readonly telemetry: Telemetry
  readonly metrics: () => string
  readonly logger: Logger
  readonly clock: Clock
}

/** A server that runs. */
export interface HttpServer {
  /** Where it listens, as URLs; sockets as `unix:` and a path. */
  readonly addresses: readonly string[]
  /** Connections end with their next answer; new ones are still taken, to be told to go. */
  drain(): void
  /** Takes no connection any more; those that are left after `graceMs` are ended. */
  stop(options: { readonly graceMs: number }): Promise<void>
}

/**
 * Serves.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, `INVALID_BIND_ADDRESS`, `BIND_FAILED`,
 *   `UDS_BIND_FAILED`, `UDS_DIRECTORY_CREATE_FAILED`
 */
export async function serveHttp(options: ServeHttpOptions): Promise<HttpServer> {
  const { http, addresses, restricted, tls, clock, logger } = options
  const bounds = httpBounds(http)
  const types = messageTypes(http.descriptors)
  const services = options.services.map((service) => observedService(service, options))
  const requests = httpRequests({ ...options, routes: httpRoutes(services), types, bounds })
  const listeners: HttpListener[] = []
  const stop = async (graceMs: number): Promise<void> => {
    requests.drain()
    const closed = Promise.all(listeners.map((listener) => listener.close()))
    const timer = clock.after(graceMs, () => {
      for (const listener of listeners) listener.force()
    })
    await closed
    timer.cancel()
  }
  try {
    for (const address of addresses) {
      await prepareSocket(address)
      const isSocket = address.startsWith('unix:')
      const localNamesOnly = !restricted && !isSocket && isLocalAddress(address)
      const listener = await httpListener({
        address,
        bounds,
        tls: isSocket ? undefined : tls,
        handler: (request, response) => requests.answer(request, response, localNamesOnly),
      })
      listeners.push(listener)
      logger('info', 'http_server_started', { address: listener.address })
    }
  } catch (error) {
    await stop(0)
    throw error
  }
  const scheme = tls === undefined ? 'http' : 'https'
  return {
    addresses: listeners.map(({ address }) =>
      address.startsWith('unix:') ? address : `${scheme}://${address}`,
    ),
    drain: () => requests.drain(),
    stop: ({ graceMs }) => stop(graceMs),
  }
}
