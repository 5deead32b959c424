/**
 * The way of requests that are commands: a bus of this process, whose participant hands them to the
 * coordinator. So a command is asked for, answered, repeated and undone as any other request is.
 *
 * 1. The id of a request is the idempotency key of its command: however often it is asked for, by
 *    however many processes, it takes effect once, and is answered with its first outcome.
 * 2. Accepted is 200. What the coordinator says no to is 400: nothing was stored. Everything else
 *    (nobody answered, too late, stored or not is not known) is 500, to be settled by the same key.
 * 3. What a command sets off may fail; the command is accepted nevertheless.
 */
import { toBinary } from '@bufbuild/protobuf'
import type { Bus } from '../../bus/bus.ts'
import { openMemoryBus } from '../../bus/memory/open-memory-bus.ts'
import type { CallOptions } from '../../client/transport.ts'
import type { OutgoingCommand } from '../../client/outgoing-command.ts'
import type { Clock } from '../../clock.ts'
import { CodedError, codeOf, messageOf, rowOf } from '../../errors.ts'
import {
  CommandRejectedError,
  dispositionOfError,
  GRPCError,
  grpcStatusOf,
} from '../../errors/client-error.ts'
import { computeRoot } from '../../identity/compute-root.ts'
import { limits } from '../../limits.ts'
import { RefusedError } from '../../machine/refusal.ts'
import { hostParticipant } from '../../participant/host-participant.ts'
import type { RequestHandler, RequestInfo } from '../../participant/request-handler.ts'
import {
  type CommandResponse,
  CommandResponseSchema,
} from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  MergeStrategy,
  SyncMode,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../../wire/constants.ts'
import { type SentCommand, sentCommandOf } from '../messages/sent-command.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'

/** The topic of commands on their bus. No other topic of a service is on it. */
export const COMMANDS_TOPIC = 'saga.commands'

/** Carries out commands: a coordinator, through one of its clients. */
export interface CommandRunner {
  /** Resolves to the answer to an accepted command. */
  execute(command: OutgoingCommand, options: CallOptions): Promise<CommandResponse>
}

/** Finds who runs the commands of a domain. */
export type CommandRunnerOf = (domain: string) => CommandRunner

/** Opens the way of commands to a coordinator; disposing waits for those under way. */
export async function openCommandLine(options: {
  readonly runnerOf: CommandRunnerOf
  readonly service: string
  readonly clock: Clock
  readonly log: LogSink
  readonly drainMs: number
}): Promise<{ readonly bus: Bus } & AsyncDisposable> {
  const { runnerOf, service, clock, log, drainMs } = options
  await using opened = new AsyncDisposableStack()
  const bus = openMemoryBus({ clock })
  opened.defer(async () => await bus.close({ drainMs }))
  const hosted = await hostParticipant({
    bus,
    service,
    handlers: [commandHandler(runnerOf)],
    consume: { concurrency: COMMANDS_AT_A_TIME },
    clock,
    onProblem: ({ requestId, error }) => {
      log('warn', 'command_failed', { request: requestId, error: messageOf(error) })
    },
  })
  opened.defer(async () => await hosted.close({ drainMs }))
  const owned = opened.move()
  return { bus, [Symbol.asyncDispose]: async () => await owned[Symbol.asyncDispose]() }
}

const COMMANDS_AT_A_TIME = 1_024

/** Answers requests that are commands. */
export function commandHandler(runnerOf: CommandRunnerOf): RequestHandler {
  return {
    target: COMMANDS_TOPIC,
    handle: async (content, info) => {
      const sent = sentCommandOf(content)
      try {
        const response = await run(runnerOf(sent.domain), sent, info)
        return toBinary(CommandResponseSchema, response)
      } catch (error) {
        if (isRejection(error)) return refusalOf(error)
        throw error
      }
    },
  }
}

async function run(
  runner: CommandRunner,
  sent: SentCommand,
  info: RequestInfo,
): Promise<CommandResponse> {
  const call = { signal: info.signal, timeoutMs: limits.commandTimeoutMs }
  try {
    return await runner.execute(outgoing(sent, info, sent.syncMode), call)
  } catch (error) {
    if (sent.syncMode === SyncMode.ASYNC || info.signal.aborted) throw error
    // What it set off may have failed, and not the command: the same key tells, waiting for nothing.
    return await runner.execute(outgoing(sent, info, SyncMode.ASYNC), call)
  }
}

function outgoing(
  { domain, root, type, value }: SentCommand,
  { idempotencyKey, correlationId }: RequestInfo,
  syncMode: SyncMode,
): OutgoingCommand {
  return {
    domain,
    edition: undefined,
    root,
    correlationId,
    sequence: undefined,
    mergeStrategy: MergeStrategy.MERGE_AGGREGATE_HANDLES,
    syncMode,
    cascadeErrorMode: CascadeErrorMode.CASCADE_ERROR_CONTINUE,
    typeName: type,
    content: { kind: 'bytes', typeUrl: TYPE_URL_PREFIX + type, bytes: value },
    idempotencyKey: commandKey(idempotencyKey),
    keyIsNew: false,
  }
}

/** The id of a request as an idempotency key: one that is too long goes by its name-based UUID. */
export function commandKey(requestId: string): string {
  if (requestId.length <= limits.idempotencyKeyLengthMax) return requestId
  return computeRoot('saga-request', requestId)
}

/** Whether the coordinator said no: nothing was stored, and asking again changes nothing. */
function isRejection(error: unknown): boolean {
  if (error instanceof CommandRejectedError) return true
  // An aborted wait says nothing of the command.
  if (grpcStatusOf(error) === 'CANCELLED') return false
  return (rowOf(codeOf(error))?.then ?? dispositionOfError(error)) === 'reject'
}

/** The same no, with the text that its author gave it. */
function refusalOf(error: unknown): RefusedError {
  const message = error instanceof GRPCError ? error.grpcDetails : messageOf(error)
  const details = error instanceof CodedError ? error.details : {}
  const code = codeOf(error)
  return new RefusedError(message, { code: code === '' ? 'REFUSED' : code, details, cause: error })
}
