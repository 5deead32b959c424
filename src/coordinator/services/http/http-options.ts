/** How the HTTP side of a served coordinator is set up. */
import { limits } from '../../../limits.ts'

/** Options of the HTTP server of a coordinator; keys, certificates and openness are those of gRPC. */
export type HttpOptions = {
  /** `host:port`, or paths of Unix sockets. */
  readonly listen: string | readonly string[]
  /**
   * A `FileDescriptorSet` with its imports: the message types of components that run elsewhere, so
   * that their messages read as JSON. Default: the types of the components of this process.
   */
  readonly descriptors?: Uint8Array | undefined
  /** Largest body of a request, in bytes. Default 10 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Connections of one address; who comes beyond them is hung up on. Default 1000. */
  readonly maxConnections?: number | undefined
  /** Answers that are streams and open at a time. Default 1000. */
  readonly maxStreams?: number | undefined
  /** Milliseconds that the headers of a request may take, connecting included. Default 10000. */
  readonly headersTimeoutMs?: number | undefined
  /** Milliseconds that a whole request may take to arrive. Default 60000. */
  readonly requestTimeoutMs?: number | undefined
  /** Milliseconds that a connection stays open without a request. Default 60000. */
  readonly idleTimeoutMs?: number | undefined
  /** Milliseconds that a reader may take nothing of its answer. Default 60000. */
  readonly stallTimeoutMs?: number | undefined
}

/** The bounds of an HTTP server. */
export type HttpBounds = Readonly<
  Record<
    | 'maxBodyBytes'
    | 'maxConnections'
    | 'maxStreams'
    | 'headersTimeoutMs'
    | 'requestTimeoutMs'
    | 'idleTimeoutMs'
    | 'stallTimeoutMs',
    number
  >
>

/** The bounds that count. */
export function httpBounds(options: HttpOptions): HttpBounds {
  return {
    maxBodyBytes: options.maxBodyBytes ?? limits.grpcMessageBytesMax,
    maxConnections: options.maxConnections ?? limits.serverConnectionsMax,
    maxStreams: options.maxStreams ?? limits.httpStreamsMax,
    headersTimeoutMs: options.headersTimeoutMs ?? limits.httpHeadersMs,
    requestTimeoutMs: options.requestTimeoutMs ?? limits.httpRequestMs,
    idleTimeoutMs: options.idleTimeoutMs ?? limits.httpIdleMs,
    stallTimeoutMs: options.stallTimeoutMs ?? limits.httpStallMs,
  }
}
