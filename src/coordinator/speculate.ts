/** Trying a command against a point in the history: nothing is stored, nothing is sent. */
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type {
  CommandResponse,
  SpeculateCommandHandlerRequest,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { CommandRequestSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { TemporalQuery } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { create } from '@bufbuild/protobuf'
import { divergenceFor } from '../wire/cover.ts'
import { commandResponse, pageOf } from './command-response.ts'
import { loadState } from './load-state.ts'
import { outgoingCommandOf } from './outgoing-command-of.ts'
import { checkCommand } from './plan-command.ts'
import { checkEdition } from './plan-names.ts'
import { timeOf } from './run-query.ts'
import type { Bounds } from './scheduled-component.ts'
import { stampEvents } from './stamp-events.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'
import type { HistoryPoint } from './timeline.ts'
import type { Upcast } from './upcast-event.ts'
import { withDeadline } from './with-deadline.ts'

/** What trying needs. */
export type SpeculationOptions = {
  readonly ledger: Ledger
  readonly upcast: Upcast
  readonly clock: Clock
  readonly bounds: Bounds
  readonly targets: ReadonlyMap<string, AggregateEndpoint>
}

/**
 * The events that a command would store, had it come at that point.
 *
 * @throws CodedError `MISSING_COMMAND_BOOK`, `SPECULATION_POINT_MISSING`, `COMMAND_REVOKED`, and what
 * a command can be refused with
 */
export async function speculateCommand(
  options: SpeculationOptions,
  request: SpeculateCommandHandlerRequest,
): Promise<CommandResponse> {
  const { ledger, upcast, clock, bounds, targets } = options
  const { command: book } = request
  const command = outgoingCommandOf(
    create(CommandRequestSchema, book === undefined ? {} : { command: book }),
    undefined,
  )
  const point = pointOf(request.pointInTime)
  const endpoint = checkCommand(command, targets)
  const { domain, root, edition, correlationId, typeName: type, content } = command
  const key = { domain, edition: checkEdition(edition?.name ?? ''), root }
  const branchAt = divergenceFor(edition, domain)
  const { state, next } = await loadState({ ledger, upcast, key, endpoint, point, branchAt })
  const time = clock.wall()
  const value = content.kind === 'bytes' ? content.bytes : undefined
  const decision = await withDeadline(
    Promise.resolve(
      endpoint.decide({
        subject: { kind: 'command', command: { type, value } },
        key,
        correlationId,
        idempotencyKey: undefined,
        state,
        next,
        time,
      }),
    ),
    { clock, handlerTimeoutMs: bounds.handlerTimeoutMs },
  )
  if (decision.kind === 'revocation') {
    throw codedError('COMMAND_REVOKED', { details: { reason: decision.revocation.reason } })
  }
  const pages = stampEvents({ next }, decision, time).map(pageOf)
  return commandResponse({ key, correlationId, from: next, pages })
}

/** The sequence wins when both are given. */
function pointOf(query: TemporalQuery | undefined): HistoryPoint {
  const point = query?.pointInTime
  if (point?.case === 'asOfSequence') return { last: point.value }
  if (point?.case === 'asOfTime') return { upTo: timeOf(point.value) }
  throw codedError('SPECULATION_POINT_MISSING')
}
