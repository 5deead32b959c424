/**
 * The transport between a client and the coordinator of the same process: nothing is encoded that
 * is not stored. Everything that comes in is checked here first (P10).
 */
import type { CommandCallOptions, CoordinatorTransport } from '../client/transport.ts'
import type { OutgoingCommand } from '../client/outgoing-command.ts'
import type { Clock } from '../clock.ts'
import { CodedError, codedError } from '../errors.ts'
import { randomRoot, type Random } from '../identity.ts'
import { type Ledger, OPEN, type StreamKey } from '../ledger/ledger.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type CommandRequest,
  type EventBook,
  MergeStrategy,
  type Query,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { commandResponse, firstResponse, pageOf } from './command-response.ts'
import type { CommandPath } from './command-path.ts'
import type { OwnConsequences } from './own-consequences.ts'
import { outgoingCommandOf } from './outgoing-command-of.ts'
import { checkCommand } from './plan-command.ts'
import { eventBook, eventBooks } from './run-query.ts'
import type { AggregateEndpoint, IncomingMessage } from './stateful-endpoint.ts'
import { manualDeadLetter } from './manual-dead-letter.ts'
import { type SyncOptions, syncRequest, withOutcome } from './sync-requests.ts'
import type { Work } from './work.ts'

/** What the direct transport needs. */
export type DirectTransportOptions = {
  readonly commandPath: CommandPath
  readonly ledger: Ledger
  readonly targets: ReadonlyMap<string, AggregateEndpoint>
  readonly clock: Clock
  readonly random: Random
  readonly generateCorrelationIds: boolean
  readonly sync: SyncOptions
  /** What this client has begun: it reads what came of it. */
  readonly own: OwnConsequences
  readonly isClosed: () => boolean
}

/** The transport. Closing it does nothing: the coordinator owns itself. */
export function directTransport(options: DirectTransportOptions): CoordinatorTransport {
  return {
    // It sees to them either way: it makes one, or leaves it empty as the settings say.
    assignsCorrelationIds: true,
    execute: (command: OutgoingCommand) => runCommand(options, command),
    handleCommand: async (request: CommandRequest, call: CommandCallOptions) =>
      await runCommand(options, outgoingCommandOf(request, call.idempotencyKey)),
    handleSyncSpeculative: () =>
      Promise.reject(codedError('SYNC_MODE_UNSUPPORTED', { details: { mode: 'speculative' } })),
    getEventBook: async (query: Query): Promise<EventBook> => {
      await ready(options)
      return await eventBook(options.ledger, query)
    },
    getEvents: async function* (query: Query): AsyncGenerator<EventBook> {
      await ready(options)
      yield* eventBooks(options.ledger, query)
    },
    close: () => Promise.resolve(),
  }
}

async function ready(options: DirectTransportOptions): Promise<void> {
  if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
  await options.own.settled()
}

async function runCommand(
  options: DirectTransportOptions,
  command: OutgoingCommand,
): Promise<CommandResponse> {
  if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
  const endpoint = checkCommand(command, options.targets)
  const { domain, root } = command
  const key: StreamKey = { domain, edition: '', root }
  const correlationId =
    command.correlationId === '' && options.generateCorrelationIds
      ? randomRoot(options.random)
      : command.correlationId
  const request = syncRequest(options.sync, command.syncMode, command.cascadeErrorMode)
  const work = workOf({ options, command, endpoint, key, correlationId })
  const outcome = await options.commandPath.submit(
    request === undefined ? work : { ...work, cascade: request.place },
  )
  switch (outcome.kind) {
    case 'accepted': {
      options.own.remember(correlationId)
      const pages = outcome.events.map(pageOf)
      const response = commandResponse({ key, correlationId, from: outcome.from, pages })
      return request === undefined ? response : withOutcome(response, await request.stored())
    }
    case 'duplicate':
      return firstResponse(options.ledger, key, outcome.first)
    case 'rejected':
      throw asCoded(outcome.error)
    case 'lost':
      throw codedError('SEQUENCE_CONFLICT')
  }
}

function workOf(input: {
  readonly options: DirectTransportOptions
  readonly command: OutgoingCommand
  readonly endpoint: AggregateEndpoint
  readonly key: StreamKey
  readonly correlationId: string
}): Work {
  const { options, command, endpoint, key, correlationId } = input
  const { mergeStrategy, idempotencyKey } = command
  return {
    key,
    endpoint,
    subject: { kind: 'command', command: messageOf(command) },
    correlationId,
    expected: command.sequence ?? 0,
    strategy: mergeStrategy,
    idempotencyKey: idempotencyKey === undefined ? undefined : `command#${idempotencyKey}`,
    keyIsNew: command.keyIsNew,
    visibility: command.syncMode === SyncMode.ISOLATED ? { kind: 'isolated' } : OPEN,
    settle:
      mergeStrategy === MergeStrategy.MERGE_MANUAL
        ? manualDeadLetter({ command, correlationId, clock: options.clock, random: options.random })
        : undefined,
  }
}

/** A client never gets a bare error: what a handler threw by accident is the cause of a coded one. */
function asCoded(error: Error): CodedError {
  if (error instanceof CodedError) return error
  return codedError('HANDLER_FAILED', { cause: error, details: { cause: error.message } })
}

function messageOf({ typeName, content }: OutgoingCommand): IncomingMessage {
  return content.kind === 'message'
    ? { type: typeName, message: content.message }
    : { type: typeName, value: content.bytes }
}
