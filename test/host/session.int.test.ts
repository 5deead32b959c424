import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { ConnectionError, GRPCError } from '../../src/errors/client-error.ts'
import { serviceOf } from '../../src/host/component-services.ts'
import { type CallContext, type GrpcService, grpcService } from '../../src/host/grpc-service.ts'
import { limits } from '../../src/limits.ts'
import type { ComponentSession } from '../../src/host/session/component-session.ts'
import {
  type CoordinatorLink,
  dialCoordinator,
  type DialOptions,
} from '../../src/host/session/dial-coordinator.ts'
import { sessionService } from '../../src/host/session/session-service.ts'
import {
  ComponentFrameSchema,
  ComponentSessionService,
} from '../../src/proto/amends/component/v1/session_pb.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { ProjectorService } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  EventBookSchema,
  ProjectionSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { commandRequest, make } from '../component/envelopes.ts'
import { aggregates } from '../component/routers.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { order } from './component-kinds.ts'
import { CLOSED_ENDPOINT, serve, type Served } from './serving.ts'

const { handle } = CommandHandlerService.method
const { handle: project } = ProjectorService.method
const createOrder = commandRequest('order', make(CreateOrderSchema, { orderId: 'o-1' }))
const book = create(EventBookSchema, { nextSequence: 3 })
const soon = { delayMs: () => 1 }

type Coordinator = Served & {
  /** Resolves with the next component that dials in. */
  next(): Promise<ComponentSession>
}

/** A coordinator that does nothing but take sessions. */
async function coordinator(closing?: AbortSignal): Promise<Coordinator> {
  const arrived: ComponentSession[] = []
  let wake = (): void => undefined
  const onSession = (session: ComponentSession): void => {
    arrived.push(session)
    wake()
  }
  const host = await serve(sessionService({ onSession, closing }))
  const next = async (): Promise<ComponentSession> => {
    for (;;) {
      const session = arrived.shift()
      if (session !== undefined) return session
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return { ...host, next }
}

function dial(
  { endpoint }: Pick<Served, 'endpoint'>,
  services: readonly GrpcService[],
  options: Partial<DialOptions> = {},
): Promise<CoordinatorLink> {
  const quiet = { logger: () => undefined, backoff: soon }
  return dialCoordinator({ ...quiet, ...options, endpoint, services })
}

/** A projector whose calls wait for the test. */
function gated(): {
  readonly service: GrpcService
  readonly open: () => void
  begun: CallContext[]
} {
  const gate = Promise.withResolvers<void>()
  const begun: CallContext[] = []
  const service = grpcService(ProjectorService, {
    handle: async ({ nextSequence }, context) => {
      begun.push(context)
      await gate.promise
      return create(ProjectionSchema, { sequence: nextSequence })
    },
  })
  return { service, open: gate.resolve, begun }
}

const turns = async (until: () => boolean): Promise<void> => {
  while (!until()) await new Promise((resolve) => setImmediate(resolve))
}
const hasEnded = (error: unknown): boolean =>
  error instanceof ConnectionError && error.code === 'SESSION_ENDED' && error.isConnectionError()

describe('a session', () => {
  it('answers as the unary services do, errors with their codes', async () => {
    await using there = await coordinator()
    const services = [serviceOf(aggregates(order))]
    const components = [{ name: 'order', componentType: 'command_handler' }]
    await using link = await dial(there, services, {
      name: 'shop',
      components: components as never,
    })
    const session = await there.next()
    await link.connected
    assert.deepEqual([session.name, session.services], ['shop', [CommandHandlerService.typeName]])
    assert.equal(session.components[0]?.name, 'order')
    assert.equal((await session.call(handle, createOrder)).result.case, 'events')
    const refused = commandRequest('order', make(CreateOrderSchema, {}))
    await assert.rejects(session.call(handle, refused), (error: unknown) => {
      assert.ok(error instanceof GRPCError)
      assert.deepEqual([error.code, error.grpcDetails], ['ORDER_ID_EMPTY', 'order id missing'])
      assert.deepEqual({ ...error.details }, { at: '1' })
      return error.isInvalidArgument()
    })
    const unserved = session.call(project, book)
    await assert.rejects(unserved, { code: 'CALL_UNSUPPORTED', grpcCode: 'UNIMPLEMENTED' })
  })

  it('carries many calls at a time, each with its own answer', async () => {
    await using there = await coordinator()
    const service = grpcService(ProjectorService, {
      handle: async ({ nextSequence }) => {
        if (nextSequence % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
        return create(ProjectionSchema, { sequence: nextSequence })
      },
    })
    await using _ = await dial(there, [service])
    const session = await there.next()
    const numbers = Array.from({ length: 2_000 }, (__, n) => n)
    const answers = await Promise.all(
      numbers.map((nextSequence) =>
        session.call(project, create(EventBookSchema, { nextSequence })),
      ),
    )
    assert.deepEqual(
      answers.map(({ sequence }) => sequence),
      numbers,
    )
    assert.equal(session.callsUnderWay, 0)
  })

  it('has no more calls under way than the component gave credits for', async () => {
    await using there = await coordinator()
    const { service, open, begun } = gated()
    await using _ = await dial(there, [service], { credits: 2 })
    const session = await there.next()
    const calls = Array.from({ length: 7 }, () => session.call(project, book))
    await turns(() => begun.length === 2)
    assert.equal(session.callsUnderWay, 2)
    open()
    assert.equal((await Promise.all(calls)).length, 7)
    assert.equal(begun.length, 7)
  })

  it('lets no more calls wait than it can hold', async () => {
    await using there = await coordinator()
    const { service, begun } = gated()
    await using _ = await dial(there, [service], { credits: 1 })
    const session = await there.next()
    const calls = Array.from({ length: limits.sessionQueueMax + 1 }, () =>
      assert.rejects(session.call(project, book), hasEnded),
    )
    await assert.rejects(session.call(project, book), { code: 'SESSION_OVERLOADED' })
    await turns(() => begun.length === 1)
    await there.server.stop({ graceMs: 0 })
    await Promise.all(calls)
  })

  it('tells the component when nobody waits any more, and what the call belongs to', async () => {
    await using there = await coordinator()
    const { service, open, begun } = gated()
    await using _ = await dial(there, [service])
    const session = await there.next()
    const stop = new AbortController()
    const { signal } = stop
    const calling = session.call(project, book, { signal, timeoutMs: 60_000, correlationId: 'c' })
    await turns(() => begun.length === 1)
    const [context] = begun
    assert.ok(context !== undefined && Number.isFinite(context.deadlineMs))
    assert.equal(context.metadata('x-correlation-id'), 'c')
    stop.abort()
    await assert.rejects(calling, { code: 'ABORTED' })
    await turns(() => context.signal.aborted)
    assert.equal(session.callsUnderWay, 1, 'the component still works on it')
    open()
    await turns(() => session.callsUnderWay === 0)
  })

  it('ends a call with its deadline, also one that never left', async () => {
    await using there = await coordinator()
    const { service, begun } = gated()
    await using _ = await dial(there, [service], { credits: 1 })
    const session = await there.next()
    const first = assert.rejects(session.call(project, book), hasEnded)
    await turns(() => begun.length === 1)
    const waiting = session.call(project, book, { timeoutMs: 1 })
    await assert.rejects(waiting, { code: 'DEADLINE_EXCEEDED' })
    await there.server.stop({ graceMs: 0 })
    await first
  })

  it('that breaks fails what is open, and the component dials again', async () => {
    const { service, open, begun } = gated()
    await using there = await coordinator()
    const link = await dial(there, [service])
    const session = await there.next()
    const calling = session.call(project, book)
    await turns(() => begun.length === 1)
    const failing = assert.rejects(calling, hasEnded)
    await there.server.stop({ graceMs: 0 })
    await failing
    await session.ended
    await assert.rejects(session.call(project, book), hasEnded)
    // The same address, as after a restart.
    const arrived = Promise.withResolvers<ComponentSession>()
    const onSession = arrived.resolve
    await using restarted = await serve(sessionService({ onSession }), { address: there.endpoint })
    open()
    assert.equal((await (await arrived.promise).call(project, book)).sequence, 3)
    await link.stop()
    assert.equal(restarted.endpoint, there.endpoint)
  })

  it('is left with every call answered that was sent', async () => {
    await using there = await coordinator()
    const { service, open, begun } = gated()
    const link = await dial(there, [service])
    const session = await there.next()
    const calls = Array.from({ length: 5 }, () => session.call(project, book))
    await turns(() => begun.length === 5)
    const stopped = Promise.all([link.stop(), link.stop()])
    // Once the coordinator knows, it makes no more calls.
    for (;;) {
      const refused = await session.call(project, book, { timeoutMs: 5 }).then(
        () => false,
        (error: unknown) => hasEnded(error),
      )
      if (refused) break
    }
    open()
    assert.equal((await Promise.all(calls)).length, 5)
    await stopped
    await session.ended
  })

  it('does not keep a coordinator from stopping that asks its components to leave', async () => {
    const closing = new AbortController()
    await using there = await coordinator(closing.signal)
    await using _ = await dial(there, [gated().service])
    const session = await there.next()
    closing.abort()
    await there.server.stop({ graceMs: 600_000 })
    await session.ended
  })

  it('can be given up while nobody answers', async () => {
    const link = await dial({ endpoint: CLOSED_ENDPOINT }, [gated().service])
    await link.stop()
    await assert.rejects(dial({ endpoint: 'not an endpoint' }, []), {
      code: 'ENDPOINT_INVALID_URI',
    })
  })
})

type Frame = NonNullable<MessageInitShape<typeof ComponentFrameSchema>['frame']>

/** Sends frames of one's own; answers with the status the stream ends with. */
async function abuse(there: Served, ...frames: readonly Frame[]): Promise<unknown> {
  const client = serviceClient(ComponentSessionService, there.channel)
  const all = frames.map((frame) => create(ComponentFrameSchema, { frame }))
  try {
    for await (const _ of client.open(all)) continue
    return undefined
  } catch (error) {
    return error instanceof GRPCError ? error.code : error
  }
}

describe('a session under bad input', () => {
  it('is refused by a code, and no other session notices', async () => {
    await using there = await coordinator()
    await using _ = await dial(there, [serviceOf(aggregates(order))])
    const good = await there.next()
    const hello = { case: 'hello', value: { version: 1 } } as const
    const broken = 'SESSION_PROTOCOL_BROKEN'
    assert.equal(await abuse(there), broken)
    assert.equal(await abuse(there, { case: undefined }), broken)
    assert.equal(await abuse(there, { case: 'goodbye', value: {} }), broken)
    assert.equal(await abuse(there, { case: 'hello', value: { version: 2 } }), broken)
    assert.equal(await abuse(there, hello, hello), broken)
    assert.equal(await abuse(there, hello, { case: undefined }), broken)
    assert.equal(await abuse(there, hello, { case: 'answer', value: { id: 9n } }), broken)
    const several = (...frames: readonly Frame[]): Frame => ({
      case: 'several',
      value: { frames: frames.map((frame) => ({ frame })) },
    })
    assert.equal(await abuse(there, several(hello)), broken)
    assert.equal(await abuse(there, hello, several()), broken)
    assert.equal(await abuse(there, hello, several(several())), broken)
    assert.equal(await abuse(there, hello, several(hello)), broken)
    assert.equal(await abuse(there, hello, { case: 'goodbye', value: {} }), undefined)
    assert.equal(await abuse(there, hello, several({ case: 'goodbye', value: {} })), undefined)
    assert.equal((await good.call(handle, createOrder)).result.case, 'events')
  })
})
