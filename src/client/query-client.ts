/** Reads event streams over a transport. */
import { ConnectionError } from '../errors/client-error.ts'
import { errorTable } from '../errors.ts'
import type { EventBook, Query } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type MessageOr, messageIn } from '../wire/message-or.ts'
import { type ClientOptions, resolveClientOptions } from './client-options.ts'
import type { Channel, ForeignChannel } from './grpc/channel.ts'
import {
  type ConnectingClientOptions,
  connectTransport,
  endpointOr,
} from './grpc/connected-transport.ts'
import { grpcTransport } from './grpc/grpc-transport.ts'
import { type GuardedTransport, guardTransport, type TransportPart } from './guarded-transport.ts'
import { invalidField } from './invalid-field.ts'
import type { QueryAccess } from './query-access.ts'
import type { ListOptions } from './query-calls.ts'
import { QueryBuilder } from './query-builder.ts'
import type { CallOptions } from './transport.ts'

/** Books a list may have unless said otherwise. */
export const DEFAULT_MAX_EVENT_BOOKS = 100_000

/** Client of the event query service (Angzarr client: `QueryClient`). */
export class QueryClient implements QueryAccess, AsyncDisposable {
  readonly #transport: GuardedTransport
  readonly #ownsTransport: boolean

  constructor(transport: TransportPart, options: ClientOptions = {}) {
    const { clock, ownsTransport } = resolveClientOptions(options)
    this.#transport = guardTransport(transport, clock)
    this.#ownsTransport = ownsTransport
  }

  /**
   * A client with a connection of its own (Angzarr client: `connect`). Waits for the other side
   * under the retry policy, by default 10 attempts, unless it is `lazy`.
   *
   * @param endpoint `host:port`, `https://host`, or the path of a Unix socket
   * @throws ConnectionError `ENDPOINT_INVALID_URI`, `CONNECTION_FAILED`,
   *   `CONNECTION_FAILED_MAX_RETRIES`; CodedError `GRPC_NOT_INSTALLED`, `ABORTED`
   */
  static async connect(
    endpoint: string,
    options: ConnectingClientOptions = {},
  ): Promise<QueryClient> {
    return new QueryClient(await connectTransport(endpoint, options), {
      ...options,
      ownsTransport: true,
    })
  }

  /** A client over a channel of the caller, which `close` leaves open (Angzarr client: `from_channel`). */
  static fromChannel(
    channel: Channel | ForeignChannel,
    options: Omit<ClientOptions, 'ownsTransport'> = {},
  ): QueryClient {
    return new QueryClient(grpcTransport(channel), { ...options, ownsTransport: false })
  }

  /**
   * Connects to the endpoint that an environment variable names, else to the default (Angzarr
   * client: `from_env`). An empty variable counts as unset.
   *
   * @throws ConnectionError as {@link connect}; `ENDPOINT_PARSE_FAILED` for the default
   */
  static async fromEnv(
    variable: string,
    fallback: string,
    options: ConnectingClientOptions = {},
  ): Promise<QueryClient> {
    return await QueryClient.connect(endpointOr(variable, fallback), options)
  }

  /** A client over a double; `close` does nothing (Angzarr client: `from_stub`). */
  static fromStub(stub: Pick<TransportPart, 'getEventBook' | 'getEvents'>): QueryClient {
    return new QueryClient(stub, { ownsTransport: false })
  }

  /**
   * The one book a query selects; an empty one when there are no events.
   *
   * @throws GRPCError what the coordinator answers; CodedError `ABORTED`, `DEADLINE_EXCEEDED`
   */
  async getEventBook(query: MessageOr<Query>, options: CallOptions = {}): Promise<EventBook> {
    return await this.#transport.getEventBook(messageIn(query), options)
  }

  /**
   * Every book a query selects, as a list.
   *
   * @throws ConnectionError `STREAM_LIMIT_EXCEEDED` when there are more than `maxBooks`
   * @throws GRPCError what the coordinator answers; CodedError `ABORTED`, `DEADLINE_EXCEEDED`
   */
  async getEvents(
    query: MessageOr<Query>,
    options: ListOptions = {},
  ): Promise<readonly EventBook[]> {
    const { maxBooks = DEFAULT_MAX_EVENT_BOOKS } = options
    if (!(maxBooks >= 0)) throw invalidField({ field: 'maxBooks', input: maxBooks })
    const books: EventBook[] = []
    for await (const book of this.streamEvents(query, options)) {
      if (books.length >= maxBooks) throw tooManyBooks(maxBooks)
      books.push(book)
    }
    return books
  }

  /**
   * Every book a query selects, one by one; breaking out ends the query.
   *
   * @throws GRPCError what the coordinator answers; CodedError `ABORTED`, `DEADLINE_EXCEEDED`
   */
  streamEvents(query: MessageOr<Query>, options: CallOptions = {}): AsyncIterable<EventBook> {
    return this.#transport.getEvents(messageIn(query), options)
  }

  /** A builder for one aggregate. @param rootOrKey a UUID, or a business key of the domain */
  query(domain: string, rootOrKey: string): QueryBuilder {
    return new QueryBuilder(this, domain, rootOrKey)
  }

  /** A builder without a root: choose by correlation id. */
  queryDomain(domain: string): QueryBuilder {
    return new QueryBuilder(this, domain)
  }

  /** Closes the transport if this client owns it; calls fail with `CONNECTION_FAILED` then. */
  async close(): Promise<void> {
    if (this.#ownsTransport) await this.#transport.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function tooManyBooks(maxBooks: number): ConnectionError {
  return new ConnectionError(errorTable.STREAM_LIMIT_EXCEEDED.message, {
    code: 'STREAM_LIMIT_EXCEEDED',
    details: { expected: maxBooks, actual: `${maxBooks}+` },
    hint: 'raise maxBooks, or read the books one by one with streamEvents',
  })
}
