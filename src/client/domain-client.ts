/** One client for everything a domain's coordinator answers. */
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type {
  CommandBook,
  EventBook,
  Query,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { MessageOr } from '../wire/message-or.ts'
import { type ClientOptions, resolveClientOptions } from './client-options.ts'
import type { CommandBuilder } from './command-builder.ts'
import { CommandHandlerClient } from './command-handler-client.ts'
import { type DomainQuery, domainQuery } from './domain-query.ts'
import type { EndpointOptions, TransportMode } from './endpoint.ts'
import { resolveChEndpoint } from './endpoint-from-env.ts'
import type { Channel, ForeignChannel } from './grpc/channel.ts'
import {
  type ConnectingClientOptions,
  connectTransport,
  endpointOr,
} from './grpc/connected-transport.ts'
import { grpcTransport } from './grpc/grpc-transport.ts'
import { guardTransport, type TransportPart } from './guarded-transport.ts'
import { invalidField } from './invalid-field.ts'
import type { QueryAccess } from './query-access.ts'
import type { ListOptions } from './query-calls.ts'
import { QueryClient } from './query-client.ts'
import { SpeculativeClient } from './speculative-client.ts'
import type { CallOptions, CommandCallOptions } from './transport.ts'

/** Options of a domain client. */
export type DomainClientOptions = ClientOptions & {
  /** The domain of `command`, `commandNew` and `query(...)`. Default: none, and they refuse. */
  readonly domain?: string | undefined
}

/** Options of a domain client that connects itself. */
export type ConnectingDomainClientOptions = ConnectingClientOptions &
  Pick<DomainClientOptions, 'domain'>

/** The clients a domain client is made of. */
export type DomainClientParts = {
  readonly commandHandler: CommandHandlerClient
  readonly query: QueryAccess
  readonly speculative: SpeculativeClient
}

/**
 * Client of one domain (Angzarr client: `DomainClient`): commands, queries and speculation over one
 * transport.
 */
export class DomainClient implements AsyncDisposable {
  readonly commandHandler: CommandHandlerClient
  /** Builds a query when called with a root or key; is the query client too. */
  readonly query: DomainQuery
  readonly speculative: SpeculativeClient
  readonly #domain: string | undefined
  readonly #close: () => Promise<void>

  /** @param source a transport, or clients that are made already, of which nothing is owned */
  constructor(source: TransportPart | DomainClientParts, options: DomainClientOptions = {}) {
    const parts = 'commandHandler' in source ? unowned(source) : makeParts(source, options)
    this.commandHandler = parts.commandHandler
    this.query = domainQuery(parts.query, () => this.#ownDomain())
    this.speculative = parts.speculative
    this.#domain = options.domain
    this.#close = parts.close
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
    options: ConnectingDomainClientOptions = {},
  ): Promise<DomainClient> {
    return new DomainClient(await connectTransport(endpoint, options), {
      ...options,
      ownsTransport: true,
    })
  }

  /** A client over a channel of the caller, which `close` leaves open (Angzarr client: `from_channel`). */
  static fromChannel(
    channel: Channel | ForeignChannel,
    options: Omit<DomainClientOptions, 'ownsTransport'> = {},
  ): DomainClient {
    return new DomainClient(grpcTransport(channel), { ...options, ownsTransport: false })
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
    options: ConnectingDomainClientOptions = {},
  ): Promise<DomainClient> {
    return await DomainClient.connect(endpointOr(variable, fallback), options)
  }

  /**
   * Connects to the coordinator of a domain (Angzarr client: `for_domain`): its Unix socket
   * standalone, its service of the cluster distributed, see `resolveChEndpoint`.
   *
   * @param mode default: `ANGZARR_MODE`, else distributed
   * @throws InvalidArgumentError `INVALID_TRANSPORT_MODE`, `INVALID_PORT`; ConnectionError as
   *   {@link connect}
   */
  static async forDomain(
    domain: string,
    mode?: TransportMode,
    options: Omit<ConnectingDomainClientOptions, 'domain'> & EndpointOptions = {},
  ): Promise<DomainClient> {
    const endpoint = resolveChEndpoint(domain, mode, options)
    return await DomainClient.connect(endpoint, { ...options, domain })
  }

  /** A client of clients that are made already; `close` does nothing. */
  static fromClients(
    commandHandler: CommandHandlerClient,
    query: QueryAccess,
    speculative: SpeculativeClient,
    options: Pick<DomainClientOptions, 'domain'> = {},
  ): DomainClient {
    return new DomainClient({ commandHandler, query, speculative }, options)
  }

  /** The domain it was made for. */
  get domain(): string | undefined {
    return this.#domain
  }

  /** A builder for one aggregate. @param rootOrKey a UUID, or a business key of the domain */
  command(rootOrKey: string): CommandBuilder {
    return this.commandHandler.command(this.#ownDomain(), rootOrKey)
  }

  /** A builder for a new aggregate, whose root is made here (UUID version 4). */
  commandNew(): CommandBuilder {
    return this.commandHandler.commandNew(this.#ownDomain())
  }

  /**
   * Sends a command book with sync mode ASYNC: answered once its events are stored.
   *
   * @throws CommandRejectedError, GRPCError what the coordinator answers
   * @throws ConnectionError `CONNECTION_FAILED`; CodedError `ABORTED`, `DEADLINE_EXCEEDED`
   */
  async execute(
    command: MessageOr<CommandBook>,
    options: CommandCallOptions = {},
  ): Promise<CommandResponse> {
    return await this.commandHandler.handle(command, options)
  }

  /** Sends a command book with a sync mode. @throws as {@link execute} */
  async executeWithMode(
    command: MessageOr<CommandBook>,
    syncMode: SyncMode,
    options: CommandCallOptions = {},
  ): Promise<CommandResponse> {
    return await this.commandHandler.handle(command, { ...options, syncMode })
  }

  /** The one book a query selects; an empty one when there are no events. */
  async getEventBook(query: MessageOr<Query>, options: CallOptions = {}): Promise<EventBook> {
    return await this.query.getEventBook(query, options)
  }

  /** Every book a query selects, as a list. @throws ConnectionError `STREAM_LIMIT_EXCEEDED` */
  async getEvents(
    query: MessageOr<Query>,
    options: ListOptions = {},
  ): Promise<readonly EventBook[]> {
    return await this.query.getEvents(query, options)
  }

  /** Closes the transport if this client owns it; calls fail with `CONNECTION_FAILED` then. */
  async close(): Promise<void> {
    await this.#close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #ownDomain(): string {
    if (this.#domain !== undefined) return this.#domain
    throw invalidField({
      code: 'DOMAIN_INVALID',
      field: 'domain',
      hint: 'this client was made for no domain: name it in commandHandler.command(domain, root)',
    })
  }
}

type OwnedParts = DomainClientParts & { readonly close: () => Promise<void> }

function makeParts(transport: TransportPart, options: ClientOptions): OwnedParts {
  const resolved = resolveClientOptions(options)
  const guarded = guardTransport(transport, resolved.clock)
  const shared = { ...resolved, ownsTransport: false }
  return {
    commandHandler: new CommandHandlerClient(guarded, shared),
    query: new QueryClient(guarded, shared),
    speculative: new SpeculativeClient(guarded, shared),
    close: async () => {
      if (resolved.ownsTransport) await guarded.close()
    },
  }
}

function unowned(parts: DomainClientParts): OwnedParts {
  return { ...parts, close: () => Promise.resolve() }
}
