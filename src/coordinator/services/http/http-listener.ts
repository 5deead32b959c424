/**
 * Listens for HTTP on one address, within bounds.
 *
 * 1. What is no HTTP is answered with its status and hung up on; it reaches no handler.
 * 2. Closing takes no new connection and ends those without a request; `force` ends all.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { codedError, messageOf } from '../../../errors.ts'
import { socketPathOf } from '../../../host/bind-address.ts'
import type { ServerTls } from '../../../host/server-options.ts'
import { limits } from '../../../limits.ts'
import { httpFailure } from './http-failure.ts'
import type { HttpBounds } from './http-options.ts'

/** Answers a request; never throws. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void

/** What listening needs. */
export type HttpListenerOptions = {
  /** `host:port`, or `unix:` and a path. */
  readonly address: string
  readonly tls: ServerTls | undefined
  readonly bounds: HttpBounds
  readonly handler: HttpHandler
}

/** Something that listens. */
export interface HttpListener {
  /** With the port filled in. */
  readonly address: string
  /** Resolves when every connection has ended. */
  close(): Promise<void>
  /** Ends the connections that are left. */
  force(): void
}

/** Begins to listen. @throws CodedError `INVALID_BIND_ADDRESS`, `BIND_FAILED`, `UDS_BIND_FAILED` */
export async function httpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { address, bounds, handler } = options
  const where = whereOf(address)
  const server = serverOf(options)
  let closing = false
  const handle: HttpHandler = (request, response) => {
    response.once('close', () => {
      // The connection has no request any more, and nobody is to send another.
      if (closing) setImmediate(() => server.closeIdleConnections())
    })
    handler(request, response)
  }
  server.maxConnections = bounds.maxConnections
  server.on('request', handle).on('checkContinue', handle).on('clientError', refuse)
  const opened = Promise.withResolvers<void>()
  server.once('error', opened.reject)
  server.listen(where, opened.resolve)
  try {
    await opened.promise
  } catch (cause) {
    const details = { address, cause: messageOf(cause) }
    throw codedError('path' in where ? 'UDS_BIND_FAILED' : 'BIND_FAILED', { details, cause })
  }
  server.off('error', opened.reject)
  return {
    address: 'path' in where ? address : address.replace(/:\d+$/, `:${portOf(server)}`),
    close: async () => {
      closing = true
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
    force: () => server.closeAllConnections(),
  }
}

function serverOf({ tls, bounds }: HttpListenerOptions): Server {
  const options: ServerOptions = {
    headersTimeout: bounds.headersTimeoutMs,
    requestTimeout: Math.max(bounds.requestTimeoutMs, bounds.headersTimeoutMs),
    keepAliveTimeout: bounds.idleTimeoutMs,
    connectionsCheckingInterval: Math.max(10, Math.min(1_000, bounds.headersTimeoutMs / 4)),
    maxHeaderSize: limits.httpHeaderBytesMax,
    keepAlive: true,
    keepAliveInitialDelay: limits.grpcKeepaliveMs,
  }
  if (tls === undefined) return createServer(options)
  const { privateKey, certificateChain, clientAuthorities } = tls
  const callers =
    clientAuthorities === undefined
      ? {}
      : { ca: Buffer.from(clientAuthorities), requestCert: true, rejectUnauthorized: true }
  return createTlsServer({
    ...options,
    ...callers,
    key: Buffer.from(privateKey),
    cert: Buffer.from(certificateChain),
    minVersion: 'TLSv1.2',
    handshakeTimeout: bounds.headersTimeoutMs,
  })
}

/** What cannot be read as HTTP never becomes a request. */
function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const large = error.code === 'HPE_HEADER_OVERFLOW'
  const [status, reason] = late
    ? ['408 Request Timeout', codedError('DEADLINE_EXCEEDED')]
    : large
      ? ['431 Request Header Fields Too Large', codedError('REQUEST_TOO_LARGE')]
      : ['400 Bad Request', codedError('REQUEST_UNDECODABLE')]
  const text = JSON.stringify(httpFailure(reason).body)
  const length = Buffer.byteLength(text)
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${length}\r\n\r\n${text}`,
  )
}

type Where = { readonly path: string } | { readonly host: string; readonly port: number }

/** @throws CodedError `INVALID_BIND_ADDRESS` */
function whereOf(address: string): Where {
  const path = socketPathOf(address)
  if (path !== undefined) return { path }
  const parts = /^(?:\[(?<six>[^[\]]+)\]|(?<name>[^:[\]/\s]+)):(?<port>\d{1,5})$/.exec(address)
  const { six, name, port = '' } = parts?.groups ?? {}
  const host = six ?? name
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  const hint = 'host:port, with an IPv6 host in brackets'
  throw codedError('INVALID_BIND_ADDRESS', { details: { input: address }, hint })
}

function portOf(server: Server): number {
  // A server that listens on a port has such an address.
  return (server.address() as AddressInfo).port
}
