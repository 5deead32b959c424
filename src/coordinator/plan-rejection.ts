/** The news that a command was rejected: what it says, and who hears it (design section 7). Pure. */
import { create } from '@bufbuild/protobuf'
import { codeOf, messageOf } from '../errors.ts'
import type { Nanoseconds } from '../clock.ts'
import { limits } from '../limits.ts'
import {
  type CommandBook,
  CommandBookSchema,
  type Notification,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny, unpackAny } from '../wire/any.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import { coverOf } from './cover-of.ts'
import type { Delivery } from './delivery.ts'

/** The notification of a rejected command, addressed to where the reaction began. */
export function rejectionOf(
  delivery: Delivery,
  command: CommandBook,
  error: Error,
  now: Nanoseconds,
): Notification {
  const correlationId = command.cover?.correlationId ?? delivery.origin.correlationId
  const rejection = create(RejectionNotificationSchema, {
    rejectedCommand: command,
    rejectionReason: messageOf(error),
    code: codeOf(error),
  })
  return create(NotificationSchema, {
    cover: coverOf(delivery.origin.key, correlationId),
    payload: packAny(RejectionNotificationSchema, rejection),
    sentAt: timestampFromNanoseconds(now),
  })
}

/** The deliveries that bring the news: to the component first if it listens, then to the source. */
export function planRejection(
  delivery: Delivery,
  command: CommandBook,
  error: Error,
  options: { readonly componentListens: boolean; readonly now: Nanoseconds },
): readonly Delivery[] {
  const notification = rejectionOf(delivery, command, error, options.now)
  const cascade = waitedFor(delivery)
  const toSource: Delivery = {
    ...delivery,
    cascade,
    path: `${delivery.path}.rejection-2`,
    parcel: { kind: 'rejection-to-source', notification, handled: false },
    attempts: 0,
    recovered: false,
  }
  if (!options.componentListens) return [toSource]
  const toComponent: Delivery = {
    ...delivery,
    cascade,
    path: `${delivery.path}.rejection-1`,
    parcel: { kind: 'rejection-to-component', notification },
    attempts: 0,
    recovered: false,
  }
  return [toComponent, toSource]
}

/** A request that compensates skips what is open; this news is never skipped. */
function waitedFor({ cascade }: Delivery): Delivery['cascade'] {
  if (cascade === undefined || cascade.cascade.compensates) return undefined
  return cascade.depth > limits.cascadeDepthMax ? undefined : cascade
}

/**
 * The command book that brings a notification to its aggregate, in the contract's form: under the
 * source's cover, its one page carrying the provenance of the rejected command.
 */
export function compensationEnvelope(notification: Notification): CommandBook {
  const { cover, payload } = notification
  const rejection = payload && unpackAny(RejectionNotificationSchema, payload)
  const header = rejection?.rejectedCommand?.pages[0]?.header
  return create(CommandBookSchema, {
    ...(cover === undefined ? {} : { cover }),
    pages: [
      {
        ...(header === undefined ? {} : { header }),
        payload: { case: 'command', value: packAny(NotificationSchema, notification) },
      },
    ],
  })
}
