/** A command of a client of this process, from its checks to its answer. */
import type { OutgoingCommand } from '../client/outgoing-command.ts'
import { CodedError, codedError } from '../errors.ts'
import { grpcStatusOf } from '../errors/client-error.ts'
import { randomRoot, type Random } from '../identity.ts'
import { OPEN, type StreamKey } from '../ledger/ledger.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { MergeStrategy, SyncMode } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { divergenceFor } from '../wire/cover.ts'
import { commandResponse, firstResponse, pageOf } from './command-response.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { manualDeadLetter } from './manual-dead-letter.ts'
import { checkCommand } from './plan-command.ts'
import { checkCascadeId, checkEdition } from './plan-names.ts'
import type { AggregateEndpoint, IncomingMessage } from './stateful-endpoint.ts'
import type { TraceParent } from '../telemetry/tracing.ts'
import { type SyncRequest, syncRequest, withOutcome } from './sync-requests.ts'
import type { Work } from './work.ts'

/**
 * Runs a command.
 *
 * @throws CodedError what `checkCommand` and the sync mode throw, and the handler's refusal
 */
export async function runCommand(
  options: DirectTransportOptions,
  command: OutgoingCommand,
  cascadeId?: string | undefined,
  traceparent?: string | undefined,
): Promise<CommandResponse> {
  const { requests } = options.watch
  const prepared = requests.checked('command', () => prepare(options, command, cascadeId))
  return await requests.request('aggregate.handle_command', traceparent, (trace) =>
    carryOut(options, prepared, trace),
  )
}

/** A command that has passed its checks. */
type Prepared = {
  readonly work: Work
  readonly request: SyncRequest | undefined
  readonly mode: SyncMode
}

function prepare(
  options: DirectTransportOptions,
  command: OutgoingCommand,
  cascadeId: string | undefined,
): Prepared {
  if (cascadeId !== undefined) checkCascadeId(cascadeId)
  if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
  const endpoint = checkCommand(command, options.targets)
  const { domain, root } = command
  const key: StreamKey = { domain, edition: checkEdition(command.edition?.name ?? ''), root }
  const correlationId = correlationIdOf(options, command.correlationId)
  const request = syncRequest(options.sync, {
    mode: command.syncMode,
    errorMode: command.cascadeErrorMode,
    cascadeId,
  })
  const made = workOf({ options, command, endpoint, key, correlationId })
  const work = cascadeId === undefined ? made : { ...made, cascadeId }
  const awaited = request === undefined ? work : { ...work, cascade: request.place }
  return { work: awaited, request, mode: command.syncMode }
}

async function carryOut(
  options: DirectTransportOptions,
  { work, request, mode }: Prepared,
  trace: TraceParent | undefined,
): Promise<CommandResponse> {
  const { key, correlationId } = work
  const outcome = await options.commandPath.submit(trace === undefined ? work : { ...work, trace })
  switch (outcome.kind) {
    case 'accepted': {
      options.own.remember(correlationId)
      const pages = outcome.events.map(pageOf)
      const response = commandResponse({ key, correlationId, from: outcome.from, pages })
      if (request === undefined) return response
      const { requests } = options.watch
      const waited = await requests.waited(syncModeName(mode), trace, () => request.stored())
      return withOutcome(response, waited)
    }
    case 'duplicate':
      return firstResponse(options.ledger, key, outcome.first, options.upcast)
    case 'rejected':
      throw asCoded(outcome.error)
    case 'lost':
      throw codedError('SEQUENCE_CONFLICT')
  }
}

/** A mode as metrics have it. */
export function syncModeName(mode: SyncMode): string {
  return SYNC_MODES[mode] ?? 'unknown'
}

/** By their numbers. */
const SYNC_MODES = ['ASYNC', 'SIMPLE', 'CASCADE', 'DECISION', 'ISOLATED']

/** The correlation id of a request: its own, or one that is made here. */
export function correlationIdOf(
  options: { readonly generateCorrelationIds: boolean; readonly random: Random },
  given: string,
): string {
  return given === '' && options.generateCorrelationIds ? randomRoot(options.random) : given
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
    expected: expectedBy(command, key),
    edition: key.edition === '' ? undefined : command.edition,
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

/** Who says where a timeline branches off says where it stands, too. */
function expectedBy(
  { sequence = 0, edition }: OutgoingCommand,
  key: StreamKey,
): number | undefined {
  return key.edition !== '' && divergenceFor(edition, key.domain) !== undefined
    ? undefined
    : sequence
}

/** A client never gets a bare error: what a handler threw by accident is the cause of a coded one. */
export function asCoded(error: Error): CodedError {
  if (error instanceof CodedError && !isUncoded(error)) return error
  return codedError('HANDLER_FAILED', { cause: error, details: { cause: error.message } })
}

/** Whether a component elsewhere has thrown what has no code: it is what it is when one throws here. */
function isUncoded(error: CodedError): boolean {
  if (error.code !== 'GRPC_ERROR') return false
  const status = grpcStatusOf(error)
  return status === 'INTERNAL' || status === 'UNKNOWN'
}

function messageOf({ typeName, content }: OutgoingCommand): IncomingMessage {
  return content.kind === 'message'
    ? { type: typeName, message: content.message }
    : { type: typeName, value: content.bytes }
}
