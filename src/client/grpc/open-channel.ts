/** Opening channels, and the library's client of each. */
import type { Channel as LibraryChannel, Client, ClientOptions } from '@grpc/grpc-js'
import { limits } from '../../limits.ts'
import type { Channel, ChannelOptions, ForeignChannel, TlsOptions } from './channel.ts'
import { channelTarget } from './channel-target.ts'
import { loadGrpc } from './load-grpc.ts'

const clients = new WeakMap<object, Client>()
const authorizations = new WeakMap<Client, string>()

/**
 * Opens a channel; nothing is sent before the first call.
 *
 * @throws ConnectionError `ENDPOINT_INVALID_URI`; CodedError `GRPC_NOT_INSTALLED`
 */
export async function openChannel(
  endpoint: string,
  options: ChannelOptions = {},
): Promise<Channel> {
  const { target, tls } = channelTarget(endpoint)
  const grpc = await loadGrpc()
  const credentials = tls ? tlsCredentials(grpc, options.tls) : grpc.credentials.createInsecure()
  const client = new grpc.Client(target, credentials, libraryOptions(options))
  if (options.apiKey !== undefined) authorizations.set(client, `Bearer ${options.apiKey}`)
  const close = (): Promise<void> => {
    client.close()
    return Promise.resolve()
  }
  const channel: Channel = { endpoint, close, [Symbol.asyncDispose]: close }
  clients.set(channel, client)
  return channel
}

/** The library's client of a channel; a channel of the caller's own gets one. */
export async function clientOf(channel: Channel | ForeignChannel): Promise<Client> {
  const known = clients.get(channel)
  if (known !== undefined) return known
  const grpc = await loadGrpc()
  const source = 'getChannel' in channel ? channel.getChannel() : channel
  const made = new grpc.Client('', grpc.credentials.createInsecure(), {
    // Not one of ours, so it is one of the library's: the type admits nothing else. It may come from
    // another copy of the library, so its class says nothing.
    channelOverride: source as LibraryChannel,
  })
  clients.set(channel, made)
  return made
}

/** What the calls of a client carry as `authorization`, if its channel was opened with a key. */
export function authorizationOf(client: Client): string | undefined {
  return authorizations.get(client)
}

function libraryOptions({ maxMessageBytes, grpcOptions }: ChannelOptions): Partial<ClientOptions> {
  const bytes = maxMessageBytes ?? limits.grpcMessageBytesMax
  return {
    'grpc.max_send_message_length': bytes,
    'grpc.max_receive_message_length': bytes,
    'grpc.keepalive_time_ms': limits.grpcKeepaliveMs,
    'grpc.keepalive_timeout_ms': limits.grpcKeepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.use_local_subchannel_pool': 1,
    // Counters of the library that nobody here reads, kept for every call.
    'grpc.enable_channelz': 0,
    ...grpcOptions,
  }
}

function tlsCredentials(
  grpc: Awaited<ReturnType<typeof loadGrpc>>,
  tls: TlsOptions = {},
): ReturnType<typeof grpc.credentials.createSsl> {
  const { rootCertificates, privateKey, certificateChain } = tls
  return grpc.credentials.createSsl(
    bufferOrNull(rootCertificates),
    bufferOrNull(privateKey),
    bufferOrNull(certificateChain),
  )
}

function bufferOrNull(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes)
}
