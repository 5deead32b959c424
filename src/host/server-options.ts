/** How a server is set up. Every option has a default; the environment is read once, at the start. */
import type { Environment } from '../client/endpoint.ts'
import { limits } from '../limits.ts'
import { socketPathOf, type TransportConfig, getTransportConfig } from './bind-address.ts'

/** Options of every server. */
export type ServerOptions = {
  /** `host:port`, or a Unix socket as `unix:` and its path. Default: what the environment says. */
  readonly address?: string | undefined
  /** TCP port when neither `address` nor the environment says one. Default 50052. */
  readonly defaultPort?: number | string | undefined
  /** One more name that health is asked for. Default none. */
  readonly serviceName?: string | undefined
  /** Whether callers may ask what the server serves. Default true. */
  readonly reflection?: boolean | undefined
  /** Largest message in either direction. Default `ANGZARR_GRPC_MESSAGE_SIZE_KB`, else 10 MiB. */
  readonly maxMessageBytes?: number | undefined
  /** Streams that one connection may have open. Default 1000. */
  readonly maxStreamsPerConnection?: number | undefined
  /** Connections it holds at a time; who comes beyond them is hung up on. Default: no bound. */
  readonly maxConnections?: number | undefined
  /** Certificates, for encrypted connections. Default: plain text. */
  readonly tls?: ServerTls | undefined
  /** Default: the environment of this process. */
  readonly environment?: Environment | undefined
}

/** Certificates of a server, as PEM. */
export type ServerTls = {
  readonly privateKey: Uint8Array
  readonly certificateChain: Uint8Array
  /** The authorities that callers' certificates are checked against. Default: callers need none. */
  readonly clientAuthorities?: Uint8Array | undefined
}

/** Where the server of these options listens. @throws CodedError `UDS_DIRECTORY_CREATE_FAILED` */
export function transportOf(options: ServerOptions): TransportConfig {
  const { address, defaultPort, environment = process.env } = options
  if (address === undefined) {
    return getTransportConfig(
      defaultPort === undefined ? undefined : Number(defaultPort),
      environment,
    )
  }
  const isPath = address.startsWith('/') || address.startsWith('./')
  const whole = isPath ? `unix:${address}` : address
  return { type: socketPathOf(whole) === undefined ? 'tcp' : 'uds', address: whole }
}

/** Largest message, in bytes. */
export function messageBytesOf(options: ServerOptions): number {
  const { maxMessageBytes, environment = process.env } = options
  if (maxMessageBytes !== undefined) return maxMessageBytes
  const text = environment['ANGZARR_GRPC_MESSAGE_SIZE_KB'] ?? ''
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) * 1024 : limits.grpcMessageBytesMax
}
