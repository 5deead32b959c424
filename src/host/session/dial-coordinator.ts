/**
 * A component's link to its coordinator: dials, greets, answers, and dials again when the session
 * breaks, until it is stopped.
 *
 * 1. One session at a time.
 * 2. Stopping says goodbye, answers every call that the coordinator still sent, then hangs up.
 */
import { create } from '@bufbuild/protobuf'
import { sleep } from '../../abort.ts'
import { duplexCall } from '../../client/grpc/call.ts'
import type { ChannelOptions } from '../../client/grpc/channel.ts'
import { channelTarget } from '../../client/grpc/channel-target.ts'
import { loadGrpc } from '../../client/grpc/load-grpc.ts'
import { clientOf, openChannel } from '../../client/grpc/open-channel.ts'
import { requestMetadata } from '../../client/grpc/request-metadata.ts'
import { ExponentialBackoffRetry } from '../../client/retry.ts'
import { type Clock, systemClock, type Timer } from '../../clock.ts'
import { codedError, messageOf } from '../../errors.ts'
import { limits } from '../../limits.ts'
import {
  type ComponentFrame,
  ComponentFrameSchema,
  ComponentSessionService,
} from '../../proto/amends/component/v1/session_pb.ts'
import type { ComponentDescriptor } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { GrpcService } from '../grpc-service.ts'
import { defaultLogger, type Logger } from '../log.ts'
import { callAnswerer } from './answer-calls.ts'
import { componentBundling, framesIn } from './bundled-frames.ts'
import { FrameQueue } from './frame-queue.ts'
import { SESSION_VERSION } from './session-service.ts'

/** Options of {@link dialCoordinator}. */
export type DialOptions = ChannelOptions & {
  /** The coordinator. */
  readonly endpoint: string
  /** What the component answers for. */
  readonly services: readonly GrpcService[]
  /** Name of this process, for logs. Default ''. */
  readonly name?: string | undefined
  /** What it hosts. Default: nothing said. */
  readonly components?: readonly ComponentDescriptor[] | undefined
  /** Calls it works on at a time. Default 256, which is the most. */
  readonly credits?: number | undefined
  /** Gives the waits between two attempts to dial. Default 100 ms to 5 s. */
  readonly backoff?: Pick<ExponentialBackoffRetry, 'delayMs'> | undefined
  /** Default: the log of this process. */
  readonly logger?: Logger | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** A link to a coordinator. */
export interface CoordinatorLink extends AsyncDisposable {
  /** Resolves when the coordinator has greeted for the first time. */
  readonly connected: Promise<void>
  /** Says goodbye, answers what is open, hangs up. Twice is fine. */
  stop(): Promise<void>
}

/**
 * Dials a coordinator and answers its calls.
 *
 * @throws ConnectionError `ENDPOINT_INVALID_URI`; CodedError `GRPC_NOT_INSTALLED`
 */
export async function dialCoordinator(options: DialOptions): Promise<CoordinatorLink> {
  channelTarget(options.endpoint)
  await loadGrpc()
  const stopping = new AbortController()
  const connected = Promise.withResolvers<void>()
  const done = dialAgain(options, stopping.signal, connected.resolve)
  const stop = async (): Promise<void> => {
    stopping.abort(codedError('ABORTED'))
    await done
  }
  return { connected: connected.promise, stop, [Symbol.asyncDispose]: stop }
}

async function dialAgain(
  options: DialOptions,
  stopping: AbortSignal,
  onWelcome: () => void,
): Promise<void> {
  const { clock = systemClock(), logger = defaultLogger() } = options
  const backoff = options.backoff ?? new ExponentialBackoffRetry()
  for (let attempt = 0; !stopping.aborted; attempt++) {
    let cause = 'the coordinator hung up'
    try {
      await oneSession(options, stopping, () => {
        attempt = 0
        onWelcome()
      })
    } catch (error) {
      cause = messageOf(error)
    }
    if (stopping.aborted) return
    logger('warn', 'session_ended', { endpoint: options.endpoint, error: cause })
    await sleep(backoff.delayMs(attempt), clock, stopping).catch(() => undefined)
  }
}

async function oneSession(
  options: DialOptions,
  stopping: AbortSignal,
  onWelcome: () => void,
): Promise<void> {
  const { endpoint, services, logger = defaultLogger(), clock = systemClock() } = options
  await using channel = await openChannel(endpoint, options)
  const hangUp = new AbortController()
  const metadata = requestMetadata(await loadGrpc(), {})
  const setup = { client: await clientOf(channel), metadata, signal: hangUp.signal }
  const frames = new FrameQueue<ComponentFrame>(componentBundling)
  frames.push(helloOf(options))
  const send = (frame: ComponentFrame): void => void frames.push(frame)
  const answerer = callAnswerer({ services, send, logger, clock, peer: endpoint })
  let greeted = false
  let timer: Timer | undefined
  const onStop = (): void => {
    if (greeted) send(create(ComponentFrameSchema, GOODBYE))
    // Whoever has not greeted, or does not let go, is hung up on.
    timer = clock.after(greeted ? limits.shutdownGraceMs : 0, () => hangUp.abort())
  }
  const { open } = ComponentSessionService.method
  stopping.addEventListener('abort', onStop)
  try {
    for await (const message of duplexCall(open, frames, setup)) {
      for (const { frame } of framesIn(message)) {
        if (frame.case === 'welcome') {
          greeted = true
          onWelcome()
        } else if (frame.case === 'call') answerer.answer(frame.value)
        else if (frame.case === 'cancel') answerer.cancel(frame.value.id)
        else if (frame.case === 'farewell') void answerer.idle().then(() => frames.end())
      }
    }
  } finally {
    timer?.cancel()
    stopping.removeEventListener('abort', onStop)
    frames.end()
    answerer.cancelAll()
  }
}

const GOODBYE = { frame: { case: 'goodbye', value: {} } } as const

function helloOf(options: DialOptions): ComponentFrame {
  const { services, components = [], name = '', credits = limits.sessionCallsMax } = options
  const value = {
    version: SESSION_VERSION,
    name,
    credits,
    components: [...components],
    services: services.map(({ schema }) => schema.typeName),
  }
  return create(ComponentFrameSchema, { frame: { case: 'hello', value } })
}
