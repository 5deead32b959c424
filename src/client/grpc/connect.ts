/** Connecting: a channel that has reached the other side, or a coded error. */
import type { Client } from '@grpc/grpc-js'
import { type AbortOptions, throwIfAborted, untilAborted } from '../../abort.ts'
import { NANOSECONDS_PER_MS, systemClock } from '../../clock.ts'
import { codeOf, errorTable } from '../../errors.ts'
import { ConnectionError } from '../../errors/client-error.ts'
import { limits } from '../../limits.ts'
import { defaultRetryPolicy, type RetryPolicy } from '../retry.ts'
import type { Channel, ChannelOptions } from './channel.ts'
import { channelTarget } from './channel-target.ts'
import { loadGrpc } from './load-grpc.ts'
import { clientOf, openChannel } from './open-channel.ts'

/** How a client connects. */
export type ConnectOptions = ChannelOptions &
  Pick<AbortOptions, 'signal'> & {
    /** Runs the attempts. Default: 10 attempts, 100 ms to 5 s between them. */
    readonly retry?: RetryPolicy | undefined
    /** Milliseconds one attempt may take. Default 5000. */
    readonly connectTimeoutMs?: number | undefined
    /**
     * Do not wait for the other side: the first call finds out whether it is there. Default false.
     */
    readonly lazy?: boolean | undefined
  }

/**
 * A channel that is connected; a lazy one is only opened. The caller closes it.
 *
 * @throws ConnectionError `ENDPOINT_INVALID_URI` at once; `CONNECTION_FAILED` after one attempt,
 *   `CONNECTION_FAILED_MAX_RETRIES` after several
 * @throws CodedError `GRPC_NOT_INSTALLED`; `ABORTED` for the signal
 */
export async function connectChannel(
  endpoint: string,
  options: ConnectOptions = {},
): Promise<Channel> {
  channelTarget(endpoint)
  const { signal, lazy = false, retry = defaultRetryPolicy() } = options
  throwIfAborted(signal)
  if (lazy) return await openChannel(endpoint, options)
  await loadGrpc()
  let attempts = 0
  try {
    return await retry.execute(
      () => {
        attempts++
        return attempt(endpoint, options)
      },
      { signal },
    )
  } catch (error) {
    if (attempts < 2 || codeOf(error) !== 'CONNECTION_FAILED') throw error
    throw new ConnectionError(errorTable.CONNECTION_FAILED_MAX_RETRIES.message, {
      code: 'CONNECTION_FAILED_MAX_RETRIES',
      details: { endpoint },
      cause: error,
    })
  }
}

async function attempt(endpoint: string, options: ConnectOptions): Promise<Channel> {
  const channel = await openChannel(endpoint, options)
  try {
    const client = await clientOf(channel)
    const { connectTimeoutMs = limits.connectTimeoutMs, signal } = options
    await untilAborted(becomesReady(client, connectTimeoutMs), signal)
    return channel
  } catch (error) {
    await channel.close()
    if (codeOf(error) !== '') throw error
    const cause = error instanceof Error ? error.message : String(error)
    const details = { endpoint, cause }
    throw new ConnectionError(undefined, { details, cause: error })
  }
}

async function becomesReady(client: Client, timeoutMs: number): Promise<void> {
  const { connectivityState } = await loadGrpc()
  const channel = client.getChannel()
  const deadline = Number(systemClock().wall() / NANOSECONDS_PER_MS) + timeoutMs
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return
    if (state === connectivityState.TRANSIENT_FAILURE) throw await reasonOf(client)
    await new Promise<void>((resolve, reject) => {
      channel.watchConnectivityState(state, deadline, (error) => {
        if (error === undefined) resolve()
        else reject(new Error(`no connection within ${timeoutMs} ms`))
      })
    })
  }
}

/** A channel keeps to itself why it failed; a call on it is told, and ends before it is sent. */
async function reasonOf(client: Client): Promise<Error> {
  const { Metadata } = await loadGrpc()
  return await new Promise((resolve) => {
    const nothing = (): Buffer => Buffer.alloc(0)
    const path = '/grpc.health.v1.Health/Check'
    client.makeUnaryRequest(path, nothing, nothing, {}, new Metadata(), (error) => {
      resolve(new Error(error === null ? 'the connection broke' : error.details))
    })
  })
}
