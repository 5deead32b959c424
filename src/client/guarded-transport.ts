/**
 * The rules every client keeps, in one place around any transport: a closed client answers with a
 * connection error, signal and deadline end a call even when the transport does not heed them, a
 * call the transport lacks is refused by name.
 */
import {
  type CallOptions,
  type CommandCallOptions,
  type CoordinatorTransport,
} from './transport.ts'
import { iterateBounded, runBounded } from '../abort.ts'
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import { ConnectionError } from '../errors/client-error.ts'
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
import { type OutgoingCommand, toCommandRequest } from './outgoing-command.ts'

/** A transport, or the part of one that a test needs. What is missing is refused when called. */
export type TransportPart = Partial<CoordinatorTransport>

/** Puts the rules around a transport; a transport that has them already is answered as it is. */
export function guardTransport(transport: TransportPart, clock: Clock): GuardedTransport {
  return transport instanceof GuardedTransport ? transport : new GuardedTransport(transport, clock)
}

const UNBOUNDED: CallOptions = Object.freeze({})

/** A transport with the rules around it. */
export class GuardedTransport implements CoordinatorTransport {
  readonly assignsCorrelationIds: boolean
  readonly #inner: TransportPart
  readonly #clock: Clock
  #closing: Promise<void> | undefined

  constructor(inner: TransportPart, clock: Clock) {
    this.#inner = inner
    this.#clock = clock
    this.assignsCorrelationIds = inner.assignsCorrelationIds === true
  }

  async execute(command: OutgoingCommand, options: CallOptions): Promise<CommandResponse> {
    const inner = this.#inner
    if (inner.execute !== undefined) {
      this.#assertOpen()
      // The way of most commands is kept short: nothing bounds them.
      if (options.signal === undefined && options.timeoutMs === undefined) {
        return inner.execute(command, UNBOUNDED)
      }
      return await this.#call('execute', options, (bounds) => inner.execute?.(command, bounds))
    }
    const { signal, timeoutMs } = options
    const { idempotencyKey } = command
    const request = toCommandRequest(command)
    return await this.handleCommand(request, { signal, timeoutMs, idempotencyKey })
  }

  async handleCommand(
    request: CommandRequest,
    options: CommandCallOptions,
  ): Promise<CommandResponse> {
    const { idempotencyKey, traceparent } = options
    return await this.#call('handleCommand', options, (bounds) =>
      this.#inner.handleCommand?.(request, {
        ...bounds,
        idempotencyKey,
        ...(traceparent === undefined ? {} : { traceparent }),
      }),
    )
  }

  async handleSyncSpeculative(
    request: SpeculateCommandHandlerRequest,
    options: CallOptions,
  ): Promise<CommandResponse> {
    return await this.#call('handleSyncSpeculative', options, (bounds) =>
      this.#inner.handleSyncSpeculative?.(request, bounds),
    )
  }

  async getEventBook(query: Query, options: CallOptions): Promise<EventBook> {
    return await this.#call('getEventBook', options, (bounds) =>
      this.#inner.getEventBook?.(query, bounds),
    )
  }

  getEvents(query: Query, options: CallOptions): AsyncIterable<EventBook> {
    return this.#stream(query, options)
  }

  async speculateSaga(request: SpeculateSagaRequest, options: CallOptions): Promise<SagaResponse> {
    return await this.#call('speculateSaga', options, (bounds) =>
      this.#inner.speculateSaga?.(request, bounds),
    )
  }

  async speculateProjector(
    request: SpeculateProjectorRequest,
    options: CallOptions,
  ): Promise<Projection> {
    return await this.#call('speculateProjector', options, (bounds) =>
      this.#inner.speculateProjector?.(request, bounds),
    )
  }

  async speculateProcessManager(
    request: SpeculatePmRequest,
    options: CallOptions,
  ): Promise<ProcessManagerHandleResponse> {
    return await this.#call('speculateProcessManager', options, (bounds) =>
      this.#inner.speculateProcessManager?.(request, bounds),
    )
  }

  /** Closes the transport once, however often it is called. */
  async close(): Promise<void> {
    this.#closing ??= this.#inner.close?.() ?? Promise.resolve()
    await this.#closing
  }

  async #call<T>(
    name: keyof CoordinatorTransport,
    options: CallOptions,
    run: (bounds: CallOptions) => Promise<T> | undefined,
  ): Promise<T> {
    this.#assertOpen()
    const { signal, timeoutMs } = options
    if (signal === undefined && timeoutMs === undefined) {
      return await (run({}) ?? unsupported(name))
    }
    return await runBounded(
      options,
      this.#clock,
      (linked) => run({ signal: linked, timeoutMs }) ?? unsupported(name),
    )
  }

  async *#stream(query: Query, options: CallOptions): AsyncGenerator<EventBook, void, undefined> {
    this.#assertOpen()
    const { timeoutMs } = options
    yield* iterateBounded(
      options,
      this.#clock,
      (signal) => this.#inner.getEvents?.(query, { signal, timeoutMs }) ?? unsupported('getEvents'),
    )
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return
    throw new ConnectionError(undefined, { hint: 'the client was closed; make a new one' })
  }
}

function unsupported(call: keyof CoordinatorTransport): never {
  throw codedError('CALL_UNSUPPORTED', { details: { call } })
}
