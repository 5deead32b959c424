/** Asks "what if" over a transport: nothing is stored, nothing is sent. */
import type {
  CommandResponse,
  SpeculateCommandHandlerRequest,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type {
  ProcessManagerHandleResponse,
  SpeculatePmRequest,
} from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import type { SpeculateProjectorRequest } from '../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import type {
  SagaResponse,
  SpeculateSagaRequest,
} from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { Projection } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type ClientOptions, resolveClientOptions } from './client-options.ts'
import type { Channel, ForeignChannel } from './grpc/channel.ts'
import {
  type ConnectingClientOptions,
  connectTransport,
  endpointOr,
} from './grpc/connected-transport.ts'
import { grpcTransport } from './grpc/grpc-transport.ts'
import { type GuardedTransport, guardTransport, type TransportPart } from './guarded-transport.ts'
import type { CallOptions } from './transport.ts'

/** The doubles of {@link SpeculativeClient.fromStubs}; a missing one is refused when called. */
export type SpeculativeStubs = {
  readonly commandHandler?: Pick<TransportPart, 'handleSyncSpeculative'> | undefined
  readonly saga?: Pick<TransportPart, 'speculateSaga'> | undefined
  readonly projector?: Pick<TransportPart, 'speculateProjector'> | undefined
  readonly processManager?: Pick<TransportPart, 'speculateProcessManager'> | undefined
}

/**
 * Client of the speculative calls (Angzarr client: `SpeculativeClient`). Every call rejects with
 * what the coordinator answers, with `ABORTED` or `DEADLINE_EXCEEDED`, or with `CALL_UNSUPPORTED`
 * when the transport does not carry it.
 */
export class SpeculativeClient implements AsyncDisposable {
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
  ): Promise<SpeculativeClient> {
    return new SpeculativeClient(await connectTransport(endpoint, options), {
      ...options,
      ownsTransport: true,
    })
  }

  /** A client over a channel of the caller, which `close` leaves open (Angzarr client: `from_channel`). */
  static fromChannel(
    channel: Channel | ForeignChannel,
    options: Omit<ClientOptions, 'ownsTransport'> = {},
  ): SpeculativeClient {
    return new SpeculativeClient(grpcTransport(channel), { ...options, ownsTransport: false })
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
  ): Promise<SpeculativeClient> {
    return await SpeculativeClient.connect(endpointOr(variable, fallback), options)
  }

  /** A client over doubles; `close` does nothing (Angzarr client: `from_stubs`). */
  static fromStubs(stubs: SpeculativeStubs): SpeculativeClient {
    const { commandHandler, saga, projector, processManager } = stubs
    const transport: TransportPart = {
      ...(commandHandler?.handleSyncSpeculative && {
        handleSyncSpeculative: commandHandler.handleSyncSpeculative.bind(commandHandler),
      }),
      ...(saga?.speculateSaga && { speculateSaga: saga.speculateSaga.bind(saga) }),
      ...(projector?.speculateProjector && {
        speculateProjector: projector.speculateProjector.bind(projector),
      }),
      ...(processManager?.speculateProcessManager && {
        speculateProcessManager: processManager.speculateProcessManager.bind(processManager),
      }),
    }
    return new SpeculativeClient(transport, { ownsTransport: false })
  }

  /** What a command would do at a point in the history. */
  async commandHandler(
    request: SpeculateCommandHandlerRequest,
    options: CallOptions = {},
  ): Promise<CommandResponse> {
    return await this.#transport.handleSyncSpeculative(request, options)
  }

  /** What a projector would make of events. */
  async projector(
    request: SpeculateProjectorRequest,
    options: CallOptions = {},
  ): Promise<Projection> {
    return await this.#transport.speculateProjector(request, options)
  }

  /** What a saga would emit for a trigger. */
  async saga(request: SpeculateSagaRequest, options: CallOptions = {}): Promise<SagaResponse> {
    return await this.#transport.speculateSaga(request, options)
  }

  /** What a process manager would answer to a trigger. */
  async processManager(
    request: SpeculatePmRequest,
    options: CallOptions = {},
  ): Promise<ProcessManagerHandleResponse> {
    return await this.#transport.speculateProcessManager(request, options)
  }

  /** Closes the transport if this client owns it; calls fail with `CONNECTION_FAILED` then. */
  async close(): Promise<void> {
    if (this.#ownsTransport) await this.#transport.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
