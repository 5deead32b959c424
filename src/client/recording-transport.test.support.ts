/** A transport that keeps what it is asked and answers what the test says. */
import { create } from '@bufbuild/protobuf'
import {
  type CommandResponse,
  CommandResponseSchema,
  type SpeculateCommandHandlerRequest,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type CommandRequest,
  type EventBook,
  EventBookSchema,
  type Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { OutgoingCommand } from './outgoing-command.ts'
import type { CallOptions, CommandCallOptions, CoordinatorTransport } from './transport.ts'

/** What it answers; what is left out is empty. */
export type Answers = {
  readonly response?: CommandResponse
  readonly books?: readonly EventBook[]
  /** Thrown by every call. */
  readonly error?: Error
  readonly assignsCorrelationIds?: boolean
}

export class RecordingTransport implements CoordinatorTransport {
  readonly assignsCorrelationIds: boolean
  readonly executed: OutgoingCommand[] = []
  readonly requests: CommandRequest[] = []
  readonly speculated: SpeculateCommandHandlerRequest[] = []
  readonly queries: Query[] = []
  /** Options of every call, in order. */
  readonly options: (CallOptions | CommandCallOptions)[] = []
  closed = 0
  /** Streams that were given up or read to their end. */
  endedStreams = 0
  readonly #answers: Answers

  constructor(answers: Answers = {}) {
    this.#answers = answers
    this.assignsCorrelationIds = answers.assignsCorrelationIds ?? false
  }

  async execute(command: OutgoingCommand, options: CallOptions): Promise<CommandResponse> {
    this.executed.push(command)
    return this.#respond(options)
  }

  async handleCommand(
    request: CommandRequest,
    options: CommandCallOptions,
  ): Promise<CommandResponse> {
    this.requests.push(request)
    return this.#respond(options)
  }

  async handleSyncSpeculative(
    request: SpeculateCommandHandlerRequest,
    options: CallOptions,
  ): Promise<CommandResponse> {
    this.speculated.push(request)
    return this.#respond(options)
  }

  async getEventBook(query: Query, options: CallOptions): Promise<EventBook> {
    this.queries.push(query)
    this.#note(options)
    return this.#answers.books?.[0] ?? create(EventBookSchema)
  }

  async *getEvents(query: Query, options: CallOptions): AsyncGenerator<EventBook> {
    this.queries.push(query)
    this.#note(options)
    try {
      yield* this.#answers.books ?? []
    } finally {
      this.endedStreams++
    }
  }

  async close(): Promise<void> {
    this.closed++
  }

  #respond(options: CallOptions): CommandResponse {
    this.#note(options)
    return this.#answers.response ?? create(CommandResponseSchema)
  }

  #note(options: CallOptions): void {
    this.options.push(options)
    if (this.#answers.error !== undefined) throw this.#answers.error
  }
}
