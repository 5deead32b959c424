/**
 * The seam between clients and a coordinator. A direct transport hands the objects over; a remote
 * one encodes them. Clients know nothing else of where the coordinator runs.
 *
 * 1. A call that fails on the other side rejects with a coded error, never with a bare one.
 * 2. `signal` and `timeoutMs` end the wait; what has been stored by then stays stored.
 * 3. A command with an idempotency key takes effect once; sent again, it is answered as before.
 */
import type { AbortOptions } from '../abort.ts'
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
import type {
  CommandRequest,
  EventBook,
  Projection,
  Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { OutgoingCommand } from './outgoing-command.ts'

/** What every call may carry: `signal` and `timeoutMs`. */
export type CallOptions = AbortOptions

/** What a call with an encoded command may carry. */
export type CommandCallOptions = CallOptions & {
  /**
   * Makes sending the command again safe: within its aggregate, commands of one key take effect
   * once. Default: none, so a command sent twice is carried out twice.
   */
  readonly idempotencyKey?: string | undefined
  /** W3C trace context of the caller. Default: the span that is current, if there is one. */
  readonly traceparent?: string | undefined
}

/** The calls a coordinator answers. Made by the coordinator itself, or by a remote transport. */
export interface CoordinatorTransport {
  /**
   * Whether the coordinator behind it sees to the correlation id of a command that has none: makes
   * one, or leaves it out on purpose. Where it does not, the builders make one. Default false.
   */
  readonly assignsCorrelationIds?: boolean | undefined
  /** Runs a command; a direct transport encodes nothing that is not stored. */
  execute(command: OutgoingCommand, options: CallOptions): Promise<CommandResponse>
  /** Runs a command of the wire. */
  handleCommand(request: CommandRequest, options: CommandCallOptions): Promise<CommandResponse>
  /** Tries a command against a point in the history; stores nothing. */
  handleSyncSpeculative(
    request: SpeculateCommandHandlerRequest,
    options: CallOptions,
  ): Promise<CommandResponse>
  /** The one book a query selects; an empty one when there are no events. */
  getEventBook(query: Query, options: CallOptions): Promise<EventBook>
  /** Every book a query selects; breaking out ends the query. */
  getEvents(query: Query, options: CallOptions): AsyncIterable<EventBook>
  /** What a saga would emit for a trigger; sends nothing. */
  speculateSaga?(request: SpeculateSagaRequest, options: CallOptions): Promise<SagaResponse>
  /** What a projector would make of events. */
  speculateProjector?(request: SpeculateProjectorRequest, options: CallOptions): Promise<Projection>
  /** What a process manager would answer to a trigger; stores and sends nothing. */
  speculateProcessManager?(
    request: SpeculatePmRequest,
    options: CallOptions,
  ): Promise<ProcessManagerHandleResponse>
  /** Lets go of the connection. Closing twice is fine. */
  close(): Promise<void>
}
