/**
 * The way to a component that runs elsewhere, and how it is called.
 *
 * 1. Every call has a deadline, which the component is told.
 * 2. A component that cannot be reached is called again, with growing waits, for a while: what it
 *    decides has no effect before it has answered, so asking twice does no harm.
 * 3. Any other answer stands, its status and code untouched.
 */
import type { DescMessage, DescMethodUnary, MessageShape } from '@bufbuild/protobuf'
import { sleep } from '../../../abort.ts'
import type { ChannelOptions } from '../../../client/grpc/channel.ts'
import { unaryCall } from '../../../client/grpc/call.ts'
import { clientOf, openChannel } from '../../../client/grpc/open-channel.ts'
import { loadGrpc } from '../../../client/grpc/load-grpc.ts'
import { requestMetadata } from '../../../client/grpc/request-metadata.ts'
import { ExponentialBackoffRetry } from '../../../client/retry.ts'
import { type Clock, systemClock } from '../../../clock.ts'
import { codeOf, codedError, messageOf } from '../../../errors.ts'
import { grpcStatusOf } from '../../../errors/client-error.ts'
import { type Random, systemRandom } from '../../../identity.ts'
import { limits } from '../../../limits.ts'
import { asRefusal } from './component-refusal.ts'

/** What a call through a link carries. */
export type LinkCallOptions = {
  readonly correlationId: string
  readonly timeoutMs: number
  /** How long to wait for somebody who can be called. */
  readonly waitMs: number
  /** W3C trace context of the caller. */
  readonly traceparent?: string | undefined
}

/** A way to a component. */
export interface ComponentLink {
  /** Where it leads, for errors. */
  readonly target: string
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    options: LinkCallOptions,
  ): Promise<MessageShape<O>>
  /** Lets go of it. */
  close(): Promise<void>
}

/**
 * The way to an address where the unary services of the contract are served: an aggregate, or one
 * saga, process manager or projector. Nothing is sent before the first call.
 *
 * @throws ConnectionError `ENDPOINT_INVALID_URI`; CodedError `GRPC_NOT_INSTALLED`
 */
export async function addressLink(
  endpoint: string,
  options: ChannelOptions = {},
): Promise<ComponentLink> {
  const channel = await openChannel(endpoint, {
    ...options,
    // A component that comes back is found again at once.
    grpcOptions: {
      'grpc.initial_reconnect_backoff_ms': limits.reconnectMsMin,
      'grpc.max_reconnect_backoff_ms': limits.reconnectMsMax,
      ...options.grpcOptions,
    },
  })
  const client = await clientOf(channel)
  const grpc = await loadGrpc()
  return {
    target: endpoint,
    call: async (method, request, { correlationId, timeoutMs, traceparent }) => {
      const metadata = requestMetadata(grpc, { correlationId, traceparent })
      return await unaryCall(method, request, { client, metadata, timeoutMs })
    },
    close: () => channel.close(),
  }
}

/** How long calls may take. */
export type CallerOptions = {
  /** Deadline of one attempt, in milliseconds. Default 30000. */
  readonly timeoutMs?: number | undefined
  /** How long a component that cannot be reached is called again. Default 5000. */
  readonly waitMs?: number | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Default: the randomness of this machine. */
  readonly random?: Random | undefined
}

/** Calls a component. Rejects with what it answers, or with `COMPONENT_UNAVAILABLE`. */
export type ComponentCaller = <I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageShape<I>,
  correlationId: string,
  traceparent?: string,
) => Promise<MessageShape<O>>

/** A caller over a link. */
export function componentCaller(link: ComponentLink, options: CallerOptions = {}): ComponentCaller {
  const { clock = systemClock(), random = systemRandom() } = options
  const { timeoutMs = limits.handlerTimeoutMs, waitMs = limits.componentWaitMs } = options
  const backoff = new ExponentialBackoffRetry({
    minDelayMs: limits.componentBackoffMsMin,
    maxDelayMs: limits.componentBackoffMsMax,
    random,
  })
  return async (method, request, correlationId, traceparent) => {
    const since = clock.monotonicMs()
    for (let attempt = 0; ; attempt++) {
      const leftMs = Math.max(0, waitMs - (clock.monotonicMs() - since))
      try {
        const call = { correlationId, timeoutMs, waitMs: leftMs, traceparent }
        return await link.call(method, request, call)
      } catch (error) {
        if (!isUnreachable(error)) throw asRefusal(error)
        const delayMs = backoff.delayMs(attempt)
        if (clock.monotonicMs() - since + delayMs > waitMs) throw unavailable(link, error)
        await sleep(delayMs, clock)
      }
    }
  }
}

/** Whether nobody has answered: the connection, or the lack of one. */
function isUnreachable(error: unknown): boolean {
  const status = grpcStatusOf(error)
  return status === 'UNAVAILABLE' || codeOf(error) === 'SESSION_OVERLOADED'
}

function unavailable({ target }: ComponentLink, cause: unknown): Error {
  const details = { component: target, cause: messageOf(cause) }
  return codedError('COMPONENT_UNAVAILABLE', { details, cause })
}
