/** The record that a rejection was compensated by nobody, kept in the fallback domain (P4). */
import { create, toBinary } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../clock.ts'
import { bytesOfRoot, rootOfBytes } from '../identity.ts'
import type { Append } from '../ledger/ledger.ts'
import { SagaCompensationFailedSchema } from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  CommandBookSchema,
  type Notification,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../wire/any.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { encodeEventPage } from '../wire/page-codec.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import { coverOf } from './cover-of.ts'
import type { Delivery } from './delivery.ts'

/**
 * The event, in a stream of its own whose root follows from what failed, so that recording it twice
 * is impossible.
 */
export function compensationFailed(options: {
  readonly delivery: Delivery
  readonly notification: Notification
  readonly fallbackDomain: string
  readonly reason: string
  readonly time: Nanoseconds
}): Append {
  const { delivery, notification, fallbackDomain, reason, time } = options
  const { origin } = delivery
  const payload = notification.payload
  const rejection =
    payload === undefined ? undefined : unpackAny(RejectionNotificationSchema, payload)
  const rejectedCommand = rejection?.rejectedCommand
  const event = create(SagaCompensationFailedSchema, {
    triggeringAggregate: coverOf(origin.key, origin.correlationId),
    triggeringEventSequence: origin.sequence,
    rejectionReason: rejection?.rejectionReason ?? '',
    compensationFailureReason: reason,
    occurredAt: timestampFromNanoseconds(time),
    ...(rejectedCommand === undefined ? {} : { rejectedCommand }),
  })
  const zero = new Uint8Array(1)
  const sequence = new Uint8Array(4)
  new DataView(sequence.buffer).setUint32(0, origin.sequence, true)
  const digest = process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(origin.key.domain)
    .update(zero)
    .update(bytesOfRoot(origin.key.root))
    .update(zero)
    .update(sequence)
    .update(zero)
    .update(rejectedCommand ? toBinary(CommandBookSchema, rejectedCommand) : new Uint8Array(0))
    .update(zero)
    .update(reason)
    .digest()
  const type = SagaCompensationFailedSchema.typeName
  const value = toBinary(SagaCompensationFailedSchema, event)
  const root = rootOfBytes(new Uint8Array(digest.subarray(0, 16)))
  const page = encodeEventPage({
    sequence: 0,
    createdAt: time,
    typeUrl: TYPE_URL_PREFIX + type,
    value,
  })
  return {
    key: { domain: fallbackDomain, edition: '', root },
    at: 0,
    events: [{ type, page }],
    correlationId: rejectedCommand?.cover?.correlationId ?? origin.correlationId,
  }
}
