/**
 * Listens for a gRPC server and holds no more than so many connections: whoever comes beyond them is
 * hung up on at once, so that those who are there keep their places.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { socketPathOf } from './bind-address.ts'

/** Where connections go. */
export type ConnectionInjector = { injectConnection(connection: Duplex): void }

/** What listening needs. */
export type BoundedListenerOptions = {
  /** `host:port`, or `unix:` and a path. */
  readonly address: string
  readonly maxConnections: number
  readonly injector: ConnectionInjector
}

/** Something that listens. */
export interface BoundedListener {
  /** The port; 0 for a socket. */
  readonly port: number
  /** Takes no new connection; those that are there stay. */
  close(): void
}

/** Begins to listen. Rejects with the error of the system. */
export async function boundedListener(options: BoundedListenerOptions): Promise<BoundedListener> {
  const { address, maxConnections, injector } = options
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true)
    // Whoever owns the connection hears of its end; unheard, an error would end the process.
    socket.on('error', () => undefined)
    injector.injectConnection(socket)
  })
  server.maxConnections = maxConnections
  const path = socketPathOf(address)
  const opened = Promise.withResolvers<void>()
  server.once('error', opened.reject)
  if (path === undefined) server.listen(hostAndPort(address), opened.resolve)
  else server.listen({ path }, opened.resolve)
  await opened.promise
  server.off('error', opened.reject)
  return { port: portOf(server), close: () => void server.close() }
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return { host, port: Number(address.slice(colon + 1)) }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
