/** Transports for clients that connect themselves. */
import { ConnectionError } from '../../errors/client-error.ts'
import { codeOf, errorTable } from '../../errors.ts'
import type { ClientOptions } from '../client-options.ts'
import { endpointInEnv } from '../endpoint-from-env.ts'
import { channelTarget } from './channel-target.ts'
import { connectChannel, type ConnectOptions } from './connect.ts'
import { type GrpcTransport, grpcTransport } from './grpc-transport.ts'

/** Options of a client that connects itself; it owns its connection. */
export type ConnectingClientOptions = ConnectOptions & Omit<ClientOptions, 'ownsTransport'>

/**
 * A transport over a connection of its own.
 *
 * @throws ConnectionError `ENDPOINT_INVALID_URI`, `CONNECTION_FAILED`,
 *   `CONNECTION_FAILED_MAX_RETRIES`; CodedError `GRPC_NOT_INSTALLED`, `ABORTED`
 */
export async function connectTransport(
  endpoint: string,
  options: ConnectOptions,
): Promise<GrpcTransport> {
  return grpcTransport(await connectChannel(endpoint, options))
}

/**
 * The endpoint that an environment variable names, else the default; an empty variable counts as
 * unset.
 *
 * @throws ConnectionError `ENDPOINT_PARSE_FAILED` when the default is used and is no endpoint
 */
export function endpointOr(variable: string, fallback: string): string {
  const named = endpointInEnv(variable)
  if (named !== undefined) return named
  try {
    channelTarget(fallback)
    return fallback
  } catch (error) {
    const { message } = errorTable.ENDPOINT_PARSE_FAILED
    const details = { endpoint: fallback, cause: codeOf(error) }
    throw new ConnectionError(message, { code: 'ENDPOINT_PARSE_FAILED', details, cause: error })
  }
}
