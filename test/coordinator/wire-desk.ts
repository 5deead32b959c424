/** The dead-letter desk of a coordinator, asked over gRPC (`DlqAdminService`). */
import { create, fromBinary } from '@bufbuild/protobuf'
import type { Channel } from '../../src/client/grpc/channel.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { CodedError, codedError } from '../../src/errors.ts'
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetters,
} from '../../src/coordinator/dead-letters.ts'
import { numberOfLetter } from '../../src/coordinator/services/stored-dead-letter.ts'
import {
  DeleteDeadLetterRequestSchema,
  DlqAdminService,
  GetDeadLetterRequestSchema,
  ListDeadLettersRequestSchema,
  type ProblemDetails,
  ReplayDeadLetterRequestSchema,
  type StoredDeadLetter,
} from '../../src/proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { AngzarrDeadLetterSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  formatTimestamp,
  nanosecondsFromTimestamp,
  timestampFromNanoseconds,
} from '../../src/wire/timestamp.ts'

/** The desk over a channel. */
export function wireDesk(channel: Channel): DeadLetters {
  const desk = serviceClient(DlqAdminService, channel)
  return {
    list: async (filter = {}) => {
      const request = create(ListDeadLettersRequestSchema, {
        filter: filterText(filter),
        pageSize: filter.limit ?? 0,
      })
      const { entries } = okOf((await desk.listDeadLetters(request)).state)
      // The contract lists the newest first, the desk the oldest.
      return entries.map(letterOf).reverse()
    },
    get: async (id) => {
      const request = create(GetDeadLetterRequestSchema, { id: numberOfLetter(id) })
      const { entry } = okOf((await desk.getDeadLetter(request)).state)
      return entry && letterOf(entry)
    },
    replay: async (id) => {
      const request = create(ReplayDeadLetterRequestSchema, { id: numberOfLetter(id) })
      okOf((await desk.replayDeadLetter(request)).state)
    },
    discard: async (id) => {
      const request = create(DeleteDeadLetterRequestSchema, { id: numberOfLetter(id) })
      const { deleted } = okOf((await desk.deleteDeadLetter(request)).state)
      if (!deleted) throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id } })
    },
  }
}

type State<T> =
  | { readonly case: 'ok'; readonly value: T | undefined }
  | { readonly case: 'degraded'; readonly value: ProblemDetails }
  | { readonly case: undefined }

/** What was answered; throws the problem when it was one. */
function okOf<T>(state: State<T>): NonNullable<T> {
  if (state.case === 'ok' && state.value !== undefined && state.value !== null) return state.value
  const detail = state.case === 'degraded' ? state.value.detail : 'no answer'
  const { code = '', text = detail } = /^(?<code>[A-Z_]+): (?<text>.*)$/s.exec(detail)?.groups ?? {}
  throw new CodedError(text, { code })
}

function filterText(filter: DeadLetterFilter): string {
  const { component, domain, correlationId, rejectionType, occurredAfter, occurredBefore } = filter
  const timeText = (time: bigint | undefined): string | undefined =>
    time === undefined ? undefined : formatTimestamp(timestampFromNanoseconds(time))
  const clauses = {
    source_component: component,
    domain,
    correlation_id: correlationId,
    rejection_type: rejectionType,
    occurred_after: timeText(occurredAfter),
    occurred_before: timeText(occurredBefore),
  }
  return Object.entries(clauses)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field} = "${value}"`)
    .join(' AND ')
}

/** The entry as the desk has it. What the contract has no field for lies in its details. */
function letterOf(entry: StoredDeadLetter): DeadLetter {
  const { id, code, attempts, key, position } = JSON.parse(entry.details) as Pick<
    DeadLetter,
    'id' | 'code' | 'attempts' | 'key' | 'position'
  >
  const letter = fromBinary(AngzarrDeadLetterSchema, entry.payload)
  return {
    id,
    code,
    attempts,
    key,
    position,
    letter,
    component: entry.sourceComponent,
    kind: entry.sourceComponentType as DeadLetter['kind'], // one of the four, as it was stored
    domain: entry.domain,
    correlationId: entry.correlationId,
    rejectionType: reasonOf(letter.rejectionDetails.case),
    reason: entry.rejectionReason,
    occurredAt: entry.occurredAt === undefined ? 0n : nanosecondsFromTimestamp(entry.occurredAt),
  }
}

function reasonOf(name: string | undefined): DeadLetter['rejectionType'] {
  switch (name) {
    case 'sequenceMismatch':
      return 'sequence_mismatch'
    case 'eventProcessingFailed':
      return 'event_processing_failed'
    case 'payloadRetrievalFailed':
      return 'payload_retrieval_failed'
    case 'compensationDeliveryFailed':
      return 'compensation_delivery_failed'
    default:
      return 'unknown'
  }
}
