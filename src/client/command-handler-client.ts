/** Sends commands over a transport. */
import { create } from '@bufbuild/protobuf'
import { type Random, randomRoot } from '../identity.ts'
import type {
  CommandResponse,
  SpeculateCommandHandlerRequest,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  type CommandBook,
  type CommandRequest,
  CommandRequestSchema,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type MessageOr, messageIn } from '../wire/message-or.ts'
import { type ClientOptions, resolveClientOptions } from './client-options.ts'
import { CommandBuilder } from './command-builder.ts'
import type { Channel, ForeignChannel } from './grpc/channel.ts'
import {
  type ConnectingClientOptions,
  connectTransport,
  endpointOr,
} from './grpc/connected-transport.ts'
import { grpcTransport } from './grpc/grpc-transport.ts'
import { type GuardedTransport, guardTransport, type TransportPart } from './guarded-transport.ts'
import type { OutgoingCommand } from './outgoing-command.ts'
import type { CallOptions, CommandCallOptions } from './transport.ts'

/** Options of `handle`. */
export type HandleOptions = CommandCallOptions & {
  /** How much downstream work to wait for. Default ASYNC. */
  readonly syncMode?: SyncMode | undefined
  /** What a failing reaction does under CASCADE. Default `CASCADE_ERROR_FAIL_FAST`. */
  readonly cascadeErrorMode?: CascadeErrorMode | undefined
}

/** Client of the command handler coordinator (Angzarr client: `CommandHandlerClient`). */
export class CommandHandlerClient implements AsyncDisposable {
  readonly #transport: GuardedTransport
  readonly #ownsTransport: boolean
  readonly #random: Random

  constructor(transport: TransportPart, options: ClientOptions = {}) {
    const { clock, ownsTransport, random } = resolveClientOptions(options)
    this.#transport = guardTransport(transport, clock)
    this.#ownsTransport = ownsTransport
    this.#random = random
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
  ): Promise<CommandHandlerClient> {
    return new CommandHandlerClient(await connectTransport(endpoint, options), {
      ...options,
      ownsTransport: true,
    })
  }

  /** A client over a channel of the caller, which `close` leaves open (Angzarr client: `from_channel`). */
  static fromChannel(
    channel: Channel | ForeignChannel,
    options: Omit<ClientOptions, 'ownsTransport'> = {},
  ): CommandHandlerClient {
    return new CommandHandlerClient(grpcTransport(channel), { ...options, ownsTransport: false })
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
  ): Promise<CommandHandlerClient> {
    return await CommandHandlerClient.connect(endpointOr(variable, fallback), options)
  }

  /** A client over a double; `close` does nothing (Angzarr client: `from_stub`). */
  static fromStub(
    stub: Pick<TransportPart, 'execute' | 'handleCommand' | 'handleSyncSpeculative'>,
    options: Pick<ClientOptions, 'clock' | 'random'> = {},
  ): CommandHandlerClient {
    return new CommandHandlerClient(stub, { ...options, ownsTransport: false })
  }

  /** Whether the coordinator sees to the correlation id of a command that has none. */
  get assignsCorrelationIds(): boolean {
    return this.#transport.assignsCorrelationIds
  }

  /**
   * Sends a command book.
   *
   * @throws CommandRejectedError, GRPCError what the coordinator answers
   * @throws ConnectionError `CONNECTION_FAILED`; CodedError `ABORTED`, `DEADLINE_EXCEEDED`
   */
  async handle(
    command: MessageOr<CommandBook>,
    options: HandleOptions = {},
  ): Promise<CommandResponse> {
    const { syncMode, cascadeErrorMode } = options
    const request = create(CommandRequestSchema, {
      command: messageIn(command),
      syncMode: syncMode ?? SyncMode.ASYNC,
      cascadeErrorMode: cascadeErrorMode ?? CascadeErrorMode.CASCADE_ERROR_FAIL_FAST,
    })
    return await this.handleCommand(request, options)
  }

  /** Sends a whole request. @throws as {@link handle} */
  async handleCommand(
    request: CommandRequest,
    options: CommandCallOptions = {},
  ): Promise<CommandResponse> {
    return await this.#transport.handleCommand(request, options)
  }

  /** Tries a command against a point in the history; stores nothing. @throws as {@link handle} */
  async handleSyncSpeculative(
    request: SpeculateCommandHandlerRequest,
    options: CallOptions = {},
  ): Promise<CommandResponse> {
    return await this.#transport.handleSyncSpeculative(request, options)
  }

  /** Sends what a builder made; a direct transport encodes nothing. @throws as {@link handle} */
  async execute(command: OutgoingCommand, options: CallOptions = {}): Promise<CommandResponse> {
    return this.#transport.execute(command, options)
  }

  /** A builder for one aggregate. @param rootOrKey a UUID, or a business key of the domain */
  command(domain: string, rootOrKey: string): CommandBuilder {
    return new CommandBuilder(this, domain, rootOrKey, { random: this.#random })
  }

  /** A builder for a new aggregate, whose root is made here (UUID version 4). */
  commandNew(domain: string): CommandBuilder {
    return this.command(domain, randomRoot(this.#random))
  }

  /** Closes the transport if this client owns it; calls fail with `CONNECTION_FAILED` then. */
  async close(): Promise<void> {
    if (this.#ownsTransport) await this.#transport.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
