/**
 * Channels: connections to one endpoint, which several clients may share.
 *
 * 1. A channel connects by itself, again and again, as long as it is open.
 * 2. Each channel has connections of its own, so none suffers from what befell another.
 * 3. Calls on a closed channel fail; closing twice is fine.
 * 4. Nothing here names a type of the library, so that no declaration needs it to be installed.
 */
/** A connection to an endpoint. */
export interface Channel extends AsyncDisposable {
  /** Where it leads. */
  readonly endpoint: string
  /** Lets go of the connection. */
  close(): Promise<void>
}

/** A channel or client of `@grpc/grpc-js`, made by the caller. */
export type ForeignChannel =
  { getTarget(): string; close(): void } | { getChannel(): object; close(): void }

/** How an endpoint is connected to. */
export type ChannelOptions = {
  /** Largest message in either direction, in bytes. Default 10 MiB. */
  readonly maxMessageBytes?: number | undefined
  /** For `https://`: certificates and key as PEM. Default: the authorities of this machine. */
  readonly tls?: TlsOptions | undefined
  /** Sent with every call, as `authorization: Bearer <key>`. Default none. */
  readonly apiKey?: string | undefined
  /** Further options of `@grpc/grpc-js`, such as `grpc.default_authority`. Default none. */
  readonly grpcOptions?: Readonly<Record<string, string | number>> | undefined
}

/** Certificates of a client. */
export type TlsOptions = {
  /** The authorities to trust. Default: those of this machine. */
  readonly rootCertificates?: Uint8Array | undefined
  /** Key and certificate of the client itself. Default none. */
  readonly privateKey?: Uint8Array | undefined
  readonly certificateChain?: Uint8Array | undefined
}
