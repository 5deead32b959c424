/** Opening channels, and the library's client of each. */
import type { Channel as LibraryChannel, Client, ClientOptions, Interceptor } from '@grpc/grpc-js'
import { limits } from '../../limits.ts'
import type { Channel, ChannelOptions, ForeignChannel, TlsOptions } from './channel.ts'
import { channelTarget } from './channel-target.ts'
import { loadGrpc } from './load-grpc.ts'

const clients = new WeakMap<object, Client>()

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
  const client = new grpc.Client(target, credentials, libraryOptions(grpc, options))
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

function libraryOptions(
  grpc: Awaited<ReturnType<typeof loadGrpc>>,
  { maxMessageBytes, grpcOptions, apiKey }: ChannelOptions,
): Partial<ClientOptions> {
  const bytes = maxMessageBytes ?? limits.grpcMessageBytesMax
  return {
    'grpc.max_send_message_length': bytes,
    'grpc.max_receive_message_length': bytes,
    'grpc.keepalive_time_ms': limits.grpcKeepaliveMs,
    'grpc.keepalive_timeout_ms': limits.grpcKeepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.use_local_subchannel_pool': 1,
    ...grpcOptions,
    ...(apiKey === undefined ? {} : { interceptors: [withKey(grpc, apiKey)] }),
  }
}

function withKey(grpc: Awaited<ReturnType<typeof loadGrpc>>, apiKey: string): Interceptor {
  return (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        metadata.set('authorization', `Bearer ${apiKey}`)
        next(metadata, listener)
      },
    })
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
