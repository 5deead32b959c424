/**
 * Calls on loopback between two processes, through our client and our server, beside a bare unary
 * echo of `@grpc/grpc-js` of the same number of bytes. Ours encode and decode the message at both
 * ends, are counted and timed, and turn errors into statuses; the bare ones do nothing at all.
 *
 * The echo of ours is the `Upcast` of a page: the message comes back as it went. The calls of the
 * session go the other way round: the other process has dialled in and answers over its one stream.
 *
 * Not measured: TLS, Unix sockets, several connections, large messages.
 */
import { create } from '@bufbuild/protobuf'
import { openChannel } from '../src/client/grpc/open-channel.ts'
import { serviceClient } from '../src/client/grpc/service-client.ts'
import { CommandHandlerRouter } from '../src/component/command-handler-router.ts'
import { createServer } from '../src/host/create-server.ts'
import type { ComponentSession } from '../src/host/session/component-session.ts'
import { sessionService } from '../src/host/session/session-service.ts'
import { CommandHandlerService } from '../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type ContextualCommand,
  ContextualCommandSchema,
} from '../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  UpcasterService,
  UpcastRequestSchema,
} from '../src/proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { packAny } from '../src/wire/any.ts'
import { messageCodec } from '../src/wire/message-codec.ts'
import { bareEcho } from './bare-echo.ts'
import { bestOfTurns } from './best-of-turns.ts'
import { keepInFlight } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { type Peer, startPeer } from './peer.ts'
import { AddedSchema, AddSchema } from './tally.ts'

const TURNS = 12
const TURN_SECONDS = 0.25
const WARM_UP_SECONDS = 1.5
const MANY = 64

/** Unary calls, the calls of a session, and what dispatching takes of a call. */
export async function measureGrpc(): Promise<readonly Measurement[]> {
  await using peer = startPeer()
  const { bare, ours } = await peer.serveEcho()
  using echo = await bareEcho(bare)
  await using channel = await openChannel(ours)
  await using sessions = await openSession(peer)
  const upcaster = serviceClient(UpcasterService, channel)
  const handler = serviceClient(CommandHandlerService, channel)
  const size = messageCodec(UpcastRequestSchema).encode(request).length
  const bytes = Buffer.alloc(size, 1)
  const works = {
    bare: () => echo.call(bytes),
    ours: () => upcaster.upcast(request),
    session: () => sessions.session.call(UpcasterService.method.upcast, request),
    handle: () => handler.handle(contextual),
  }
  for (const call of Object.values(works)) {
    await keepInFlight({ inFlight: MANY, seconds: WARM_UP_SECONDS, call })
  }
  const measured: Measurement[] = []
  const compare = async (name: string, ours: Work, inFlight: number): Promise<void> => {
    const rates = await inTurn(ours, works.bare, inFlight)
    const against = `bare unary echo of as many bytes (${size}), ${inFlight} in flight`
    measured.push({ name, ...rates, unit: 'calls/s', against })
  }
  await compare('grpc.unary-64', works.ours, MANY)
  await compare('grpc.unary-1', works.ours, 1)
  await compare('grpc.session-64', works.session, MANY)
  await compare('grpc.session-1', works.session, 1)
  return [...measured, await dispatchShare(works.handle)]
}

type Work = () => Promise<unknown>

function inTurn(
  ours: Work,
  baseline: Work,
  inFlight: number,
): Promise<{ readonly ours: number; readonly baseline: number }> {
  const rate = async (call: Work): Promise<number> =>
    (await keepInFlight({ inFlight, seconds: TURN_SECONDS, call })).perSecond
  return bestOfTurns({ ours: () => rate(ours), baseline: () => rate(baseline), turns: TURNS })
}

/** The whole call of a command handler is ours, its dispatch alone the baseline. */
async function dispatchShare(handle: Work): Promise<Measurement> {
  const router = new CommandHandlerRouter([(await import('./tally.ts')).tally.definition])
  const rates = await bestOfTurns({
    ours: async () =>
      (await keepInFlight({ inFlight: MANY, seconds: TURN_SECONDS, call: handle })).perSecond,
    baseline: async () => {
      const call = (): Promise<unknown> => router.dispatch(contextual)
      return (await keepInFlight({ inFlight: 1, seconds: TURN_SECONDS, call })).perSecond
    },
    turns: TURNS,
  })
  const against = 'dispatch of the decoded command in this process: its share of the whole call'
  return { name: 'grpc.dispatch', ...rates, unit: 'calls/s', against }
}

const ROOT = Uint8Array.from({ length: 16 }, (_, i) => i * 11)
const cover = {
  root: { value: ROOT },
  domain: 'tally',
  correlationId: '0b9ad9c5-6b3c-4e6b-9d1e-0f6f7c9a4f11',
}
const page = {
  header: { sequenceType: { case: 'sequence', value: 0 } },
  createdAt: { seconds: 1_790_000_000n, nanos: 123_456_789 },
  payload: { case: 'event', value: packAny(AddedSchema, create(AddedSchema, { n: 1 })) },
} as const

/** One page. */
const request = create(UpcastRequestSchema, { domain: 'tally', events: [page] })

/** A command on an aggregate with one event. */
const contextual: ContextualCommand = create(ContextualCommandSchema, {
  events: { cover, pages: [page], nextSequence: 1 },
  command: {
    cover,
    pages: [
      {
        header: { sequenceType: { case: 'sequence', value: 1 } },
        payload: { case: 'command', value: packAny(AddSchema, create(AddSchema, { n: 1 })) },
      },
    ],
  },
})

type Sessions = AsyncDisposable & { readonly session: ComponentSession }

async function openSession(peer: Peer): Promise<Sessions> {
  const arrived = Promise.withResolvers<ComponentSession>()
  const service = sessionService({ onSession: arrived.resolve })
  const server = await createServer(service, { address: '127.0.0.1:0' })
  await server.start()
  await peer.dial('dial-echo', server.address)
  const session = await arrived.promise
  return { session, [Symbol.asyncDispose]: () => server.stop({ graceMs: 0 }) }
}
