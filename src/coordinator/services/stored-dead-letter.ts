/** Dead letters of the desk as entries of the contract. */
import { createHash } from 'node:crypto'
import { create, toBinary, toJsonString } from '@bufbuild/protobuf'
import {
  RejectionType,
  type StoredDeadLetter,
  StoredDeadLetterSchema,
} from '../../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { AngzarrDeadLetterSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { timestampFromNanoseconds } from '../../wire/timestamp.ts'
import type { DeadLetter } from '../dead-letters.ts'
import type { FilteredLetter } from './plan-dead-letter-filter.ts'

/**
 * The number of an entry. The desk has names, the contract numbers: the first 63 bits of the name's
 * digest, which stay the same as long as the entry does.
 */
export function numberOfLetter(id: string): bigint {
  return createHash('sha256').update(id).digest().readBigUInt64BE() >> 1n
}

/** What a filter looks at. */
export function filtered(letter: DeadLetter): FilteredLetter {
  return {
    domain: letter.domain,
    correlationId: letter.correlationId,
    sourceComponent: letter.component,
    rejectionType: rejectionTypeOf(letter),
    occurredAt: letter.occurredAt,
  }
}

/** The entry. */
export function storedDeadLetter(letter: DeadLetter): StoredDeadLetter {
  const at = timestampFromNanoseconds(letter.occurredAt)
  const { id, code, attempts, key, position } = letter
  return create(StoredDeadLetterSchema, {
    id: numberOfLetter(letter.id),
    domain: letter.domain,
    correlationId: letter.correlationId,
    payload: toBinary(AngzarrDeadLetterSchema, letter.letter),
    rejectionReason: letter.reason,
    rejectionType: TYPES[rejectionTypeOf(letter)] ?? RejectionType.UNSPECIFIED,
    details: JSON.stringify({ id, code, attempts, key, position }),
    sourceComponent: letter.component,
    sourceComponentType: letter.kind,
    occurredAt: at,
    createdAt: at,
    payloadView: viewOf(letter),
  })
}

const TYPES: Readonly<Record<string, RejectionType>> = {
  sequence_mismatch: RejectionType.SEQUENCE_MISMATCH,
  event_processing_failed: RejectionType.EVENT_PROCESSING_FAILED,
  payload_retrieval_failed: RejectionType.PAYLOAD_RETRIEVAL_FAILED,
}

function rejectionTypeOf({ letter }: DeadLetter): string {
  return (letter.rejectionDetails.case ?? '').replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`)
}

/** Empty when it names types that this process has not met. */
function viewOf({ letter }: DeadLetter): string {
  try {
    return toJsonString(AngzarrDeadLetterSchema, letter)
  } catch {
    return ''
  }
}
