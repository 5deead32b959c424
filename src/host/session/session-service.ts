/**
 * The service by which components dial in. A component that does not greet, or breaks a rule of the
 * protocol, is told so and let go; no other session notices.
 */
import { create } from '@bufbuild/protobuf'
import type { Clock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import {
  type ComponentFrame,
  ComponentSessionService,
  type CoordinatorFrame,
  CoordinatorFrameSchema,
  type Hello,
} from '../../proto/amends/component/v1/session_pb.ts'
import { type GrpcService, grpcService } from '../grpc-service.ts'
import { type ComponentSession, OpenSession } from './component-session.ts'
import { coordinatorBundling, framesIn } from './bundled-frames.ts'
import { FrameQueue } from './frame-queue.ts'

/** Version of the protocol. */
export const SESSION_VERSION = 1

/** Options of {@link sessionService}. */
export type SessionServiceOptions = {
  /** Told of each component that dials in; what it throws refuses the component. */
  readonly onSession: (session: ComponentSession) => void
  /**
   * Aborts when the coordinator is about to end: components are asked to leave, so that they do not
   * keep its server from stopping. Default: never.
   */
  readonly closing?: AbortSignal | undefined
  /** Measures deadlines. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** Makes the service. */
export function sessionService(options: SessionServiceOptions): GrpcService {
  return grpcService(ComponentSessionService, {
    open: async function* (frames) {
      const incoming = frames[Symbol.asyncIterator]()
      const hello = await greeting(incoming)
      const outgoing = new FrameQueue<CoordinatorFrame>(coordinatorBundling)
      const session = new OpenSession(hello, outgoing, options.clock)
      outgoing.push(create(CoordinatorFrameSchema, { frame: { case: 'welcome', value: {} } }))
      const leave = (): void => session.end()
      try {
        options.onSession(session)
        options.closing?.addEventListener('abort', leave)
        if (options.closing?.aborted === true) leave()
        const reading = readAll(incoming, session).finally(() => outgoing.end())
        // The reader's error ends the stream; until then it must not count as unhandled.
        reading.catch(() => undefined)
        yield* outgoing
        await reading
      } finally {
        options.closing?.removeEventListener('abort', leave)
        session.close()
        outgoing.end()
      }
    },
  })
}

async function greeting(incoming: AsyncIterator<ComponentFrame>): Promise<Hello> {
  const first = await incoming.next()
  const frame = first.done === true ? undefined : first.value.frame
  if (frame?.case !== 'hello' || frame.value.version !== SESSION_VERSION) {
    throw codedError('SESSION_PROTOCOL_BROKEN', {
      details: { expected: `hello, version ${SESSION_VERSION}`, actual: frame?.case ?? 'nothing' },
    })
  }
  return frame.value
}

async function readAll(
  incoming: AsyncIterator<ComponentFrame>,
  session: OpenSession,
): Promise<void> {
  for (;;) {
    const next = await incoming.next()
    if (next.done === true) return
    for (const { frame } of framesIn(next.value)) take(frame, session)
  }
}

/** @throws CodedError `SESSION_PROTOCOL_BROKEN` */
function take(frame: ComponentFrame['frame'], session: OpenSession): void {
  switch (frame.case) {
    case 'answer':
      session.settle(frame.value)
      break
    case 'goodbye':
      session.end()
      break
    case 'hello':
    case 'several':
    case undefined:
      throw codedError('SESSION_PROTOCOL_BROKEN', {
        details: { expected: 'answer or goodbye', actual: frame.case ?? 'nothing' },
      })
  }
}
