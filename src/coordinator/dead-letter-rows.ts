/** Dead letters as rows of the ledger: how each kind of failure is written down. */
import { create } from '@bufbuild/protobuf'
import { codeOf, messageOf } from '../errors.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Row, RowChange, StoredEvent } from '../ledger/ledger.ts'
import {
  type DeadLetterEntry,
  DeadLetterEntrySchema,
} from '../proto/amends/reaction/v1/reaction_pb.ts'
import {
  type AngzarrDeadLetter,
  AngzarrDeadLetterSchema,
  type CommandBook,
  EventBookSchema,
  EventPageSchema,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../wire/any.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { nanosecondsFromTimestamp, timestampFromNanoseconds } from '../wire/timestamp.ts'
import { coverOf } from './cover-of.ts'
import type { DeadLetter } from './dead-letters.ts'
import { type Delivery, rowKeyOf } from './delivery.ts'
import { compensationEnvelope } from './plan-rejection.ts'
import { referenceIn, retrievalFailure } from './payloads/payload-reference.ts'
import { DEAD_LETTERS } from './spaces.ts'

const codec = messageCodec(DeadLetterEntrySchema)
const pages = messageCodec(EventPageSchema)

/** Written for a failed reaction or projection: the event it failed on. */
export function deadLetterOfEvent(options: {
  readonly component: string
  readonly kind: 'saga' | 'process_manager' | 'projector'
  readonly lane: string
  readonly event: StoredEvent
  readonly error: unknown
  readonly attempts: number
  readonly now: Nanoseconds
}): DeadLetterEntry {
  const { component, kind, lane, event, error, attempts, now } = options
  const cover = coverOf(event.key, event.correlationId)
  const transient = dispositionOfError(error) === 'retry'
  const failed = create(EventBookSchema, {
    cover,
    pages: [pages.decode(event.page)],
    nextSequence: event.sequence + 1,
  })
  const lost = codeOf(error) === 'PAYLOAD_RETRIEVAL_FAILED' ? referenceIn(event.page) : undefined
  const letter = create(AngzarrDeadLetterSchema, {
    cover,
    payload: { case: 'rejectedEvents', value: failed },
    ...sourceOf(component, kind, now),
    ...(lost === undefined
      ? {
          rejectionReason: `Event processing failed after ${attempts} attempts: ${messageOf(error)}`,
          rejectionDetails: processingFailed(error, attempts, transient),
        }
      : retrievalFailure(lost, error)),
  })
  return entryOf({ letter, component, lane, position: event.position, error, now })
}

/** Written for a command that never reached a handler, or was tried too often. */
export function deadLetterOfCommand(options: {
  readonly delivery: Delivery
  readonly command: CommandBook
  readonly error: unknown
  readonly now: Nanoseconds
}): DeadLetterEntry {
  const { delivery, command, error, now } = options
  const transient = dispositionOfError(error) === 'retry'
  const letter = create(AngzarrDeadLetterSchema, {
    ...(command.cover === undefined ? {} : { cover: command.cover }),
    payload: { case: 'rejectedCommand', value: command },
    rejectionReason: messageOf(error),
    ...sourceOf(delivery.component, delivery.componentKind, now),
    rejectionDetails: processingFailed(error, Math.max(1, delivery.attempts), transient),
  })
  const { component, lane, origin } = delivery
  return entryOf({ letter, component, lane, position: origin.position, error, now, delivery })
}

/** Written for any delivery that was tried too often. */
export function deadLetterOfDelivery(options: {
  readonly delivery: Delivery
  readonly error: unknown
  readonly now: Nanoseconds
}): DeadLetterEntry {
  const { delivery, error, now } = options
  const { parcel, component, componentKind, lane, origin } = delivery
  if (parcel.kind === 'command') {
    return deadLetterOfCommand({ delivery, command: parcel.command, error, now })
  }
  const source = sourceOf(component, componentKind, now)
  const details = processingFailed(error, delivery.attempts, dispositionOfError(error) === 'retry')
  if (parcel.kind === 'fact') {
    const letter = create(AngzarrDeadLetterSchema, {
      ...(parcel.fact.cover === undefined ? {} : { cover: parcel.fact.cover }),
      payload: { case: 'rejectedEvents', value: parcel.fact },
      rejectionReason: messageOf(error),
      ...source,
      rejectionDetails: details,
    })
    return entryOf({ letter, component, lane, position: origin.position, error, now, delivery })
  }
  const undo = parcel.kind === 'compensate' ? parcel.envelope : undefined
  const envelope =
    parcel.kind === 'compensate' ? parcel.envelope : compensationEnvelope(parcel.notification)
  const letter = create(AngzarrDeadLetterSchema, {
    cover: undo?.cover ?? coverOf(origin.key, origin.correlationId),
    payload: { case: 'rejectedCommand', value: envelope },
    rejectionReason: messageOf(error),
    ...source,
    rejectionDetails: {
      case: 'compensationDeliveryFailed',
      value: { attempts: delivery.attempts, lastError: messageOf(error) },
    },
  })
  return entryOf({ letter, component, lane, position: origin.position, error, now, delivery })
}

/** Written when the source asks for it: the rejected command with its original reason. */
export function deadLetterOfRejection(options: {
  readonly delivery: Delivery
  readonly now: Nanoseconds
}): DeadLetterEntry {
  const { delivery, now } = options
  const rejected = rejectedCommandOf(delivery)
  const letter = create(AngzarrDeadLetterSchema, {
    ...(rejected?.command.cover === undefined ? {} : { cover: rejected.command.cover }),
    ...(rejected === undefined
      ? {}
      : { payload: { case: 'rejectedCommand' as const, value: rejected.command } }),
    rejectionReason: rejected?.reason ?? '',
    ...sourceOf(delivery.component, delivery.componentKind, now),
    rejectionDetails: processingFailed(new Error(rejected?.reason ?? ''), 0, false),
  })
  const { component, lane, origin } = delivery
  const code = rejected?.code ?? ''
  return { ...entryOf({ letter, component, lane, position: origin.position, now }), lane: '', code }
}

/** The change that puts a dead letter on the desk. */
export function putDeadLetter(entry: DeadLetterEntry): RowChange {
  const value = codec.encode(entry)
  return {
    kind: 'put',
    space: DEAD_LETTERS,
    key: entry.id,
    value,
    expected: 'any',
    group: entry.component,
  }
}

/** The change that takes a dead letter off the desk. */
export function removeDeadLetter(id: string): RowChange {
  return { kind: 'remove', space: DEAD_LETTERS, key: id, expected: 'any' }
}

/** The row as it is stored. */
export function entryOfRow(row: Row): DeadLetterEntry {
  return codec.decode(row.value)
}

/** What a row that is put on the desk holds, as people see it. */
export function deadLetterInRow(value: Uint8Array): DeadLetter {
  return deadLetterOf(codec.decode(value))
}

/** A dead letter as people see it. */
export function deadLetterOf(entry: DeadLetterEntry): DeadLetter {
  const letter = entry.letter ?? create(AngzarrDeadLetterSchema)
  const details = letter.rejectionDetails
  return {
    id: entry.id,
    component: entry.component,
    kind: kindOf(letter.sourceComponentType),
    key: entry.lane === '' ? undefined : entry.lane,
    domain: letter.cover?.domain ?? 'unknown',
    correlationId: letter.cover?.correlationId ?? '',
    rejectionType: rejectionTypeOf(details.case),
    reason: letter.rejectionReason,
    code: entry.code,
    attempts:
      details.case === 'eventProcessingFailed'
        ? Math.max(1, details.value.retryCount)
        : details.case === 'compensationDeliveryFailed'
          ? details.value.attempts
          : 1,
    position: Number(entry.position),
    occurredAt: letter.occurredAt === undefined ? 0n : nanosecondsFromTimestamp(letter.occurredAt),
    letter,
  }
}

function rejectionTypeOf(
  details: AngzarrDeadLetter['rejectionDetails']['case'],
): DeadLetter['rejectionType'] {
  switch (details) {
    case 'sequenceMismatch':
      return 'sequence_mismatch'
    case 'eventProcessingFailed':
      return 'event_processing_failed'
    case 'payloadRetrievalFailed':
      return 'payload_retrieval_failed'
    case 'compensationDeliveryFailed':
      return 'compensation_delivery_failed'
    case undefined:
      return 'unknown'
  }
}

function kindOf(type: string): DeadLetter['kind'] {
  return type === 'saga' || type === 'process_manager' || type === 'projector' ? type : 'aggregate'
}

function rejectedCommandOf(
  delivery: Delivery,
): { readonly command: CommandBook; readonly reason: string; readonly code: string } | undefined {
  const { parcel } = delivery
  if (!('notification' in parcel)) return undefined
  const payload = parcel.notification.payload
  if (payload === undefined) return undefined
  const { rejectedCommand, rejectionReason, code } = unpackAny(RejectionNotificationSchema, payload)
  return rejectedCommand && { command: rejectedCommand, reason: rejectionReason, code }
}

function sourceOf(
  component: string,
  kind: string,
  now: Nanoseconds,
): Pick<AngzarrDeadLetter, 'sourceComponent' | 'sourceComponentType' | 'occurredAt'> {
  return {
    sourceComponent: component,
    sourceComponentType: kind,
    occurredAt: timestampFromNanoseconds(now),
  }
}

/** A failure that was not worth another try counts no retries. */
function processingFailed(
  error: unknown,
  attempts: number,
  isTransient: boolean,
): {
  case: 'eventProcessingFailed'
  value: { error: string; retryCount: number; isTransient: boolean }
} {
  const retryCount = isTransient ? attempts : 0
  return {
    case: 'eventProcessingFailed',
    value: { error: messageOf(error), retryCount, isTransient },
  }
}

function entryOf(options: {
  readonly letter: AngzarrDeadLetter
  readonly component: string
  readonly lane: string
  readonly position: number
  readonly error?: unknown
  readonly now: Nanoseconds
  readonly delivery?: Delivery | undefined
}): DeadLetterEntry {
  const { letter, component, lane, position, error, now, delivery } = options
  const deliveryKey = delivery === undefined ? '' : rowKeyOf(delivery)
  const place = delivery === undefined ? '' : `.${delivery.path}`
  return create(DeadLetterEntrySchema, {
    id: `${position.toString().padStart(16, '0')}${place}.${component}`,
    letter,
    component,
    lane,
    position: BigInt(position),
    deliveryKey,
    parkedAt: timestampFromNanoseconds(now),
    code: codeOf(error),
  })
}
