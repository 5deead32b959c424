/**
 * The business behind gRPC: `amends serve` in a second process, the components in a third, and this
 * one knows both by their addresses alone.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, connectChannel, create, DomainClient, serviceClient } from 'amends'
import {
  DlqAdminService,
  EventQueryService,
  ListDeadLettersRequestSchema,
  QuerySchema,
} from 'amends/proto'
import { Books } from '../books.ts'
import type { Business } from '../business.ts'
import { openDatabase } from '../database.ts'
import { OrderConfirmedSchema } from '../gen/order_pb.ts'
import { type ReadAnswer, ReadModels, ReadRequestSchema } from '../gen/views_pb.ts'
import { type BookEntry, correlationOf, entriesOfBook } from '../history.ts'
import { OPENING } from '../opening.ts'
import { isAway } from './is-away.ts'
import { OrderFollowing } from './order-following.ts'
import { unsettledOrders } from './order-progress.ts'
import { startProcesses } from './processes.ts'
import { readServedHistory } from './served-history.ts'

const AGAIN_MS = 50
/** Whoever comes back is found again at once. */
const grpcOptions = {
  'grpc.initial_reconnect_backoff_ms': 20,
  'grpc.max_reconnect_backoff_ms': 200,
}

/**
 * Starts the processes and connects to them. `say` takes a line about each process.
 *
 * @throws CodedError `DATABASE_UNUSABLE`, `PROCESS_FAILED`
 */
export async function openRemote(options: {
  readonly database: string
  readonly continued: boolean
  readonly say: (line: string) => void
}): Promise<Business> {
  const { database, continued, say } = options
  await using opening = new AsyncDisposableStack()
  // Whether the file may be used is found out here, before anybody is started on it.
  await (await openDatabase(database, continued))[Symbol.asyncDispose]()
  const processes = opening.use(await startProcesses({ database, say }))
  const channel = opening.use(await connectChannel(processes.coordinator, { grpcOptions }))
  const beside = opening.use(await connectChannel(processes.readModels, { grpcOptions }))
  const stop = new AbortController()
  opening.defer(() => stop.abort())
  const ask = asking(stop.signal)
  const { books, following, projected } = await catchUp({ channel, ask })
  opening.use(following)
  const readModels = (): Promise<ReadAnswer> =>
    ask(() => serviceClient(ReadModels, beside).read(create(ReadRequestSchema)))
  const opened = opening.move()
  return {
    books,
    client: clientsOf(channel),
    ask,
    follow: (order) => following.follow(order),
    caughtUp: () => ask(() => following.read(OPENING)),
    settled: async () => {
      await following.settled()
      while (!projected(await readModels())) {
        await sleep(AGAIN_MS, undefined, { signal: stop.signal })
      }
    },
    blocked: async () => (await deadLetters(channel).catch(() => [])).length > 0,
    history: async function* () {
      yield* await ask(() => readServedHistory(channel))
    },
    historyOf: (order) => ask(() => readOrder(channel, order)),
    readModels,
    deadLetters: () => ask(() => deadLetters(channel)),
    failed: processes.failed,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Sends again what nobody was there for. */
function asking(stop: AbortSignal): Business['ask'] {
  return async (send) => {
    for (;;) {
      try {
        return await send()
      } catch (error) {
        if (!isAway(error) || stop.aborted) throw error
        await sleep(AGAIN_MS, undefined, { signal: stop })
      }
    }
  }
}

type CaughtUp = {
  readonly books: Books
  /** Follows what an earlier run has left under way, and what is placed. */
  readonly following: OrderFollowing
  /** Whether the read models have taken in what the books have. */
  readonly projected: (answer: ReadAnswer) => boolean
}

/** Reads what there is. */
async function catchUp(from: {
  readonly channel: Channel
  readonly ask: Business['ask']
}): Promise<CaughtUp> {
  const { channel, ask } = from
  const books = new Books()
  let [stock, revenue] = [0, 0]
  const onEntry = ({ domain, type }: BookEntry): void => {
    if (domain === 'inventory') stock++
    if (type === OrderConfirmedSchema.typeName) revenue++
  }
  const entries = await ask(() => readServedHistory(channel))
  for (const entry of entries) {
    books.add(entry)
    onEntry(entry)
  }
  const known = entries.map(({ id }) => id)
  const following = new OrderFollowing({ channel, books, known, onEntry })
  for (const order of unsettledOrders(entries)) following.follow(order)
  const projected = ({ stockEvents, revenueEvents }: ReadAnswer): boolean =>
    stockEvents >= stock && revenueEvents >= revenue
  return { books, following, projected }
}

function clientsOf(channel: Channel): Business['client'] {
  const clients = new Map<string, DomainClient>()
  return (domain) => {
    const client = clients.get(domain) ?? DomainClient.fromChannel(channel, { domain })
    clients.set(domain, client)
    return client
  }
}

async function readOrder(channel: Channel, order: number): Promise<readonly BookEntry[]> {
  const { getEvents } = serviceClient(EventQueryService, channel)
  const query = create(QuerySchema, { cover: { correlationId: correlationOf(order) } })
  const books = await Array.fromAsync(getEvents(query))
  return books.flatMap(entriesOfBook).toSorted((a, b) => a.recordedMs - b.recordedMs)
}

async function deadLetters(channel: Channel): Promise<readonly string[]> {
  const { listDeadLetters } = serviceClient(DlqAdminService, channel)
  const { state } = await listDeadLetters(create(ListDeadLettersRequestSchema, { pageSize: 500 }))
  if (state.case !== 'ok') return [`the desk does not answer: ${state.value?.detail ?? ''}`]
  return state.value.entries.map(
    ({ sourceComponent, rejectionReason, details }) =>
      `${sourceComponent}: ${rejectionReason} ${details}`,
  )
}
