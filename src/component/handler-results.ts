/** What handlers may return, kind by kind; each at once or as a promise. */
import type { Awaitable } from '../awaitable.ts'
import type { Message } from '@bufbuild/protobuf'
import type { BusinessResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { CloudEventsResponse } from '../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import type { ProcessManagerHandleResponse } from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import type { SagaResponse } from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { CommandBook, EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { PMRevocationResponse } from './compensation.ts'
import type {
  ProcessManagerResponse,
  RejectionHandlerResponse,
  SagaHandlerResponse,
} from './handler-responses.ts'

// `void` lets a handler that only checks and throws go without a return statement.
type Nothing = undefined | void

/** Of a command handler: events, a book of events, a ready response, or nothing. */
export type CommandResult = Awaitable<
  Message | readonly Message[] | EventBook | BusinessResponse | Nothing
>

/** Of a fact handler: events, a book of events, or nothing. Facts cannot be refused. */
export type FactResult = Awaitable<Message | readonly Message[] | EventBook | Nothing>

/** Of an aggregate's `rejected` or `undoes` handler. */
export type RejectionResult = Awaitable<
  Message | readonly Message[] | EventBook | BusinessResponse | RejectionHandlerResponse | Nothing
>

/** Of a saga's handler: commands, facts, both in one response, or nothing. */
export type SagaResult = Awaitable<
  | CommandBook
  | EventBook
  | readonly (CommandBook | EventBook)[]
  | SagaHandlerResponse
  | SagaResponse
  | Nothing
>

/** Of a saga's `rejected` handler. */
export type SagaRejectionResult = Awaitable<Awaited<SagaResult> | RejectionHandlerResponse>

/** Of a process manager's handler: a response, or nothing. */
export type ProcessResult = Awaitable<
  ProcessManagerResponse | ProcessManagerHandleResponse | Nothing
>

/** Of a process manager's `rejected` handler. */
export type ProcessRejectionResult = Awaitable<
  | Awaited<ProcessResult>
  | RejectionHandlerResponse
  | PMRevocationResponse
  | EventBook
  | Message
  | readonly Message[]
>

/** Of a projector's handler: CloudEvents for the sink of its coordinator, or nothing. */
export type ProjectionResult = Awaitable<CloudEventsResponse | Nothing>

/** Of an applier: nothing when it changed the state in place, else the state that replaces it. */
export type AppliedState<State> = State | Nothing
