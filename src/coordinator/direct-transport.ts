/**
 * The transport between a client and the coordinator of the same process: nothing is encoded that
 * is not stored. Everything that comes in is checked here first (P10).
 */
import type { CommandCallOptions, CoordinatorTransport } from '../client/transport.ts'
import type { OutgoingCommand } from '../client/outgoing-command.ts'
import { codedError } from '../errors.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type {
  CommandRequest,
  EventBook,
  Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { META_ANGZARR_DOMAIN } from '../wire/constants.ts'
import { carryOutMeta } from './meta-commands.ts'
import { runCommand } from './direct-command.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { outgoingCommandOf } from './outgoing-command-of.ts'
import { eventBook, eventBooks } from './run-query.ts'
import { speculateCommand } from './speculate.ts'
import {
  speculateProcessManager,
  speculateProjector,
  speculateSaga,
} from './speculate-reactions.ts'

/**
 * The transport. Closing it does nothing: the coordinator owns itself.
 *
 * @param reader the cascade that commands belong to and that reads; default: none
 */
export function directTransport(
  options: DirectTransportOptions,
  reader?: string | undefined,
): CoordinatorTransport {
  const reading = { ...options, reader }
  const { requests } = options.watch
  const read = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    await ready(options)
    return await requests.query(operation, run)
  }
  return {
    // It sees to them either way: it makes one, or leaves it empty as the settings say.
    assignsCorrelationIds: true,
    execute: (command: OutgoingCommand) => runCommand(options, command, reader),
    handleCommand: async (request: CommandRequest, call: CommandCallOptions) =>
      await handleCommand(reading, request, call),
    handleSyncSpeculative: (request) =>
      read('HandleSyncSpeculative', () => speculateCommand(options, request)),
    speculateSaga: (request) => read('SpeculateSaga', () => speculateSaga(options, request)),
    speculateProcessManager: (request) =>
      read('SpeculateProcessManager', () => speculateProcessManager(options, request)),
    speculateProjector: (request) =>
      read('SpeculateProjector', () => speculateProjector(options, request)),
    getEventBook: (query: Query) => read('GetEventBook', () => eventBook(reading, query)),
    getEvents: async function* (query: Query): AsyncGenerator<EventBook> {
      await ready(options)
      yield* requests.stream('GetEvents', () => eventBooks(reading, query))
    },
    close: () => Promise.resolve(),
  }
}

/** Commands of the wire; those for the engine itself are carried out here. */
async function handleCommand(
  options: DirectTransportOptions & { readonly reader: string | undefined },
  request: CommandRequest,
  { idempotencyKey, traceparent }: CommandCallOptions,
): Promise<CommandResponse> {
  if (request.command?.cover?.domain === META_ANGZARR_DOMAIN) {
    if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
    return await carryOutMeta(options, request)
  }
  const { requests } = options.watch
  const command = requests.checked('command', () => outgoingCommandOf(request, idempotencyKey))
  return await runCommand(options, command, request.cascadeId ?? options.reader, traceparent)
}

async function ready(options: DirectTransportOptions): Promise<void> {
  if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
  await options.own.settled()
}
