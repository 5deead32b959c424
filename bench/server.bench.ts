/**
 * A coordinator that is served, on loopback between two processes, beside a bare unary echo of
 * `@grpc/grpc-js` of as many bytes in the same run. Everything is durable (FULL), every command has an
 * idempotency key.
 *
 * - `server.command`: our client here, the coordinator and its aggregate there. One hop, as the echo.
 * - `server.session`: client and coordinator here, the aggregate there; it has dialled in. One hop.
 * - `server.address`: the same, the aggregate called by its address: a unary call for each command.
 * - `server.simple`, `server.cascade`: how long such a request waits, beside ASYNC at the same share.
 *
 * Not measured: TLS, keys, several connections, histories of more than a few events.
 */
import { create } from '@bufbuild/protobuf'
import { streamCall } from '../src/client/grpc/call.ts'
import { loadGrpc } from '../src/client/grpc/load-grpc.ts'
import { clientOf, openChannel } from '../src/client/grpc/open-channel.ts'
import { DomainClient } from '../src/client/domain-client.ts'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { AFTER_POSITION_HEADER } from '../src/coordinator/services/event-stream-service.ts'
import {
  addressLink,
  type ComponentLink,
} from '../src/coordinator/services/remote/component-link.ts'
import { remoteComponent } from '../src/coordinator/services/remote/remote-component.ts'
import { sessionDesk } from '../src/coordinator/services/remote/session-desk.ts'
import { serveCoordinator } from '../src/coordinator/services/serve-coordinator.ts'
import { computeRoot } from '../src/identity/compute-root.ts'
import { EventStreamService } from '../src/proto/angzarr_client/proto/angzarr/stream_pb.ts'
import {
  CommandRequestSchema,
  EventBookSchema,
  EventStreamFilterSchema,
  SyncMode,
} from '../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../src/wire/message-codec.ts'
import { type BareEcho, bareEcho } from './bare-echo.ts'
import { bestOfTurns } from './best-of-turns.ts'
import { keepInFlight, percentile, type Run } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { startPeer } from './peer.ts'
import { withScratch } from './scratch.ts'
import { AddSchema } from './tally.ts'

const TURNS = 12
const TURN_SECONDS = 0.25
const WARM_UP_SECONDS = 2
const MANY = 64
/** Many, so that histories stay short. */
const AGGREGATES = 10_000
const STREAMED = 5_000

type Work = (index: number) => Promise<unknown>
type Commands = Pick<DomainClient, 'command' | 'query'>

/** Commands through a server, and how long requests wait for what follows. */
export async function measureServer(): Promise<readonly Measurement[]> {
  return [
    ...(await withBare(async ({ call, against }) => await measureCommands(call, against))),
    ...(await measureModes()),
  ]
}

/** Commands to components elsewhere. */
export async function measureRemoteComponents(): Promise<readonly Measurement[]> {
  return await withBare(async ({ call, against, ours }) => [
    await withScratch((ledger) => measureSession(ledger, call, against)),
    await withScratch((ledger) => measureAddress(ours, ledger, call, against)),
  ])
}

/** Queries and streams through a server. */
export async function measureServedReads(): Promise<readonly Measurement[]> {
  return await withBare(async ({ echo }) => await measureReads(echo))
}

type Bare = {
  readonly echo: BareEcho
  /** Sends as many bytes as a command has. */
  readonly call: Work
  readonly against: string
  /** Where our services are served beside it. */
  readonly ours: string
}

async function withBare<T>(run: (bare: Bare) => Promise<T>): Promise<T> {
  await using peer = startPeer()
  const { bare, ours } = await peer.serveEcho()
  using echo = await bareEcho(bare)
  const size = commandBytes()
  const bytes = Buffer.alloc(size, 1)
  const call: Work = () => echo.call(bytes)
  await keepInFlight({ inFlight: MANY, seconds: WARM_UP_SECONDS, call })
  return await run({ echo, call, ours, against: `bare unary echo of as many bytes (${size})` })
}

/** Commands through the server. */
async function measureCommands(bare: Work, against: string): Promise<readonly Measurement[]> {
  return await withServed(false, async (client) => {
    const send = sending(client)
    await keepInFlight({ inFlight: MANY, seconds: WARM_UP_SECONDS, call: send })
    const many = await inTurn(send, bare, MANY)
    const alone = await inTurn(send, bare, 1)
    const { durations } = await keepInFlight({ inFlight: MANY, seconds: 3, call: send })
    const unit = 'commands/s'
    return [
      { name: 'server.command-64', ...many, unit, against: `${against}, 64 in flight` },
      { name: 'server.command-1', ...alone, unit, against: `${against}, one at a time` },
      {
        name: 'server.command-p50-by-p99',
        ours: percentile(durations, 0.5) * 1_000,
        baseline: percentile(durations, 0.99) * 1_000,
        unit: 'µs',
        against: 'the 99th percentile of the same run, 64 in flight',
      },
    ]
  })
}

/** Commands to an aggregate that has dialled in. */
async function measureSession(ledger: string, bare: Work, against: string): Promise<Measurement> {
  await using peer = startPeer()
  const desk = sessionDesk()
  const link = desk.link('command_handler', 'tally')
  await using coordinator = await openRemote(ledger, link)
  const listen = '127.0.0.1:0'
  await using server = await serveCoordinator({ coordinator, listen, sessions: desk, logger })
  await peer.dial('dial-tally', server.addresses[0] ?? '')
  const send = sending(coordinator.client('tally'))
  await keepInFlight({ inFlight: MANY, seconds: WARM_UP_SECONDS, call: send })
  const rates = await inTurn(send, bare, MANY)
  return {
    name: 'server.session-64',
    ...rates,
    unit: 'commands/s',
    against: `${against}, 64 in flight`,
  }
}

/** Commands to an aggregate that is called by its address. */
async function measureAddress(
  endpoint: string,
  ledger: string,
  bare: Work,
  against: string,
): Promise<Measurement> {
  await using coordinator = await openRemote(ledger, await addressLink(endpoint))
  const send = sending(coordinator.client('tally'))
  await keepInFlight({ inFlight: MANY, seconds: WARM_UP_SECONDS, call: send })
  const rates = await inTurn(send, bare, MANY)
  return {
    name: 'server.address-64',
    ...rates,
    unit: 'commands/s',
    against: `${against}, 64 in flight`,
  }
}

function openRemote(ledger: string, link: ComponentLink): ReturnType<typeof openCoordinator> {
  const remote = remoteComponent({ kind: 'command_handler', domain: 'tally' }, link)
  return openCoordinator({ ledger, components: [remote] })
}

/** How long requests wait that wait for what follows: 8 of them under way, so that none queues long. */
async function measureModes(): Promise<readonly Measurement[]> {
  return await withServed(true, async (client) => {
    const run = async (mode: SyncMode, seconds: number): Promise<Run> =>
      await keepInFlight({ inFlight: 8, seconds, call: sending(client, mode) })
    const { ASYNC, SIMPLE, CASCADE } = SyncMode
    for (const mode of [ASYNC, SIMPLE, CASCADE]) await run(mode, WARM_UP_SECONDS)
    const base = await run(ASYNC, 2)
    const simple = await run(SIMPLE, 2)
    const cascade = await run(CASCADE, 2)
    const line = (name: string, { durations }: Run, share: number): Measurement => ({
      name: `server.${name}-p${share * 100}`,
      ours: percentile(durations, share) * 1_000,
      baseline: percentile(base.durations, share) * 1_000,
      unit: 'µs',
      against: 'ASYNC at the same share, 8 in flight; less is better',
    })
    return [
      line('simple', simple, 0.5),
      line('simple', simple, 0.99),
      line('cascade', cascade, 0.5),
      line('cascade', cascade, 0.99),
    ]
  })
}

/** Queries and streams. */
async function measureReads(echo: BareEcho): Promise<readonly Measurement[]> {
  return await withServed(false, async (client, endpoint) => {
    for (let i = 0; i < 10; i++) await add(client, 'queried')
    const query: Work = () => client.query('queried').getEventBook()
    const book = await client.query('queried').getEventBook()
    const bytes = Buffer.alloc(messageCodec(EventBookSchema).encode(book).length, 1)
    await keepInFlight({ inFlight: MANY, seconds: WARM_UP_SECONDS, call: query })
    const queries = await inTurn(query, () => echo.call(bytes), MANY)
    await fill(STREAMED, (index) => add(client, `s${index % 100}`, { correlationId: 'streamed' }))
    const page = Buffer.alloc(Math.ceil(bytes.length / 10) + 40, 1)
    const streams = await bestOfTurns({
      ours: () => timed(STREAMED, () => readStream(endpoint, STREAMED)),
      baseline: () => timed(STREAMED, () => echo.read(page, STREAMED)),
      turns: TURNS,
    })
    return [
      {
        name: 'server.query-64',
        ...queries,
        unit: 'queries/s',
        against: `bare unary echo of the answer's bytes (${bytes.length}, ten events), 64 in flight`,
      },
      {
        name: 'server.stream',
        ...streams,
        unit: 'events/s',
        against: `bare server stream of messages of ${page.length} bytes; ours read from the ledger`,
      },
    ]
  })
}

/** Reads the events of a workflow from the beginning of the log. */
async function readStream(endpoint: string, events: number): Promise<void> {
  await using channel = await openChannel(endpoint)
  const { Metadata } = await loadGrpc()
  const metadata = new Metadata()
  metadata.set(AFTER_POSITION_HEADER, '0')
  const setup = { client: await clientOf(channel), metadata }
  const filter = create(EventStreamFilterSchema, { correlationId: 'streamed' })
  let left = events
  for await (const _ of streamCall(EventStreamService.method.subscribe, filter, setup)) {
    if (--left === 0) break
  }
}

/** A client of a coordinator in a process of its own. */
async function withServed<T>(
  cascading: boolean,
  run: (client: DomainClient, endpoint: string) => Promise<T>,
): Promise<T> {
  return await withScratch(async (ledger) => {
    await using peer = startPeer()
    const endpoint = await peer.serveCoordinator(ledger, cascading)
    await using client = await DomainClient.connect(endpoint, { domain: 'tally' })
    return await run(client, endpoint)
  })
}

const roots = Array.from({ length: AGGREGATES }, (_, i) => computeRoot('tally', `a${i}`))

function sending(client: Commands, syncMode: SyncMode = SyncMode.ASYNC): Work {
  return (index) => add(client, roots[(index * 7) % AGGREGATES] ?? '', { syncMode })
}

async function add(
  client: Commands,
  root: string,
  how: { readonly syncMode?: SyncMode; readonly correlationId?: string } = {},
): Promise<unknown> {
  const { syncMode, correlationId } = how
  const built = client.command(root).withMessage(AddSchema, { n: 1 })
  if (correlationId !== undefined) built.withCorrelationId(correlationId)
  return await built.execute(syncMode === undefined ? {} : { syncMode })
}

async function inTurn(
  ours: Work,
  baseline: Work,
  inFlight: number,
): Promise<{ readonly ours: number; readonly baseline: number }> {
  const rate = async (call: Work): Promise<number> =>
    (await keepInFlight({ inFlight, seconds: TURN_SECONDS, call })).perSecond
  return await bestOfTurns({ ours: () => rate(ours), baseline: () => rate(baseline), turns: TURNS })
}

/** Sends so many, 64 in flight. */
async function fill(count: number, send: Work): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await send(next++)
  }
  await Promise.all(Array.from({ length: MANY }, lane))
}

async function timed(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (count * 1_000) / (performance.now() - started)
}

/** Bytes of a command as it is sent. */
function commandBytes(): number {
  return messageCodec(CommandRequestSchema).encode(
    create(CommandRequestSchema, {
      command: {
        cover: {
          root: { value: new Uint8Array(16) },
          domain: 'tally',
          correlationId: ''.padEnd(36),
        },
        pages: [
          {
            header: { sequenceType: { case: 'sequence', value: 1 } },
            payload: {
              case: 'command',
              value: { typeUrl: 'type.googleapis.com/counter.Add', value: new Uint8Array(2) },
            },
          },
        ],
      },
    }),
  ).length
}

const logger = (): void => undefined
