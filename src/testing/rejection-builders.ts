/** Builders of rejections for tests, in the form in which a coordinator delivers them. */
import { clone, create } from '@bufbuild/protobuf'
import type { Clock } from '../clock.ts'
import type { Sequence } from '../identity.ts'
import {
  type CommandBook,
  CommandBookSchema,
  type Cover,
  CoverSchema,
  MergeStrategy,
  type Notification,
  NotificationSchema,
  type RejectionNotification,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import { angzarrHeader } from '../wire/header.ts'
import { now } from '../wire/timestamp.ts'

/** Where a command of a saga or process manager came from. */
export type CommandOrigin = {
  /** The aggregate whose event set it off. */
  readonly source: Cover
  /** The sequence of that event. */
  readonly sourceSequence: Sequence
}

/** Details of a rejection. */
export type RejectionOptions = {
  /** The code of the refusal. Default: none. */
  readonly code?: string | undefined
  /** Stamps the notification. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** Marks every page of a command as emitted for an event of another aggregate; changes the book. */
export function withOrigin(command: CommandBook, origin: CommandOrigin): CommandBook {
  const { source, sourceSequence } = origin
  for (const page of command.pages) {
    page.header = angzarrHeader(source, sourceSequence)
  }
  return command
}

/** A rejection: the whole command, and why it was refused. */
export function makeRejection(
  rejectedCommand: CommandBook,
  reason: string,
  options: RejectionOptions = {},
): RejectionNotification {
  return create(RejectionNotificationSchema, {
    rejectedCommand,
    rejectionReason: reason,
    code: options.code ?? '',
  })
}

/**
 * The notification of a rejection, as an `@rejected` method gets it. It is addressed to the
 * aggregate whose event set the command off, under the command's correlation id; without an origin
 * to the command's own target.
 */
export function makeRejectionNotification(
  rejectedCommand: CommandBook,
  reason: string,
  options: RejectionOptions = {},
): Notification {
  const cover = addressee(rejectedCommand)
  return create(NotificationSchema, {
    ...(cover === undefined ? {} : { cover }),
    payload: packAny(RejectionNotificationSchema, makeRejection(rejectedCommand, reason, options)),
    sentAt: now(options.clock),
  })
}

/**
 * The command book that carries the notification of a rejection to the aggregate whose event set
 * the command off: one page, under the header of the rejected command, `MERGE_COMMUTATIVE`.
 */
export function makeRejectionCommand(
  rejectedCommand: CommandBook,
  reason: string,
  options: RejectionOptions = {},
): CommandBook {
  const notification = makeRejectionNotification(rejectedCommand, reason, options)
  const { cover } = notification
  const header = rejectedCommand.pages[0]?.header
  return create(CommandBookSchema, {
    ...(cover === undefined ? {} : { cover }),
    pages: [
      {
        ...(header === undefined ? {} : { header }),
        mergeStrategy: MergeStrategy.MERGE_COMMUTATIVE,
        payload: { case: 'command', value: packAny(NotificationSchema, notification) },
      },
    ],
  })
}

/** The source of the command, its correlation id filled in from the command. */
function addressee(command: CommandBook): Cover | undefined {
  const place = command.pages[0]?.header?.sequenceType
  const source = place?.case === 'angzarrDeferred' ? place.value.source : undefined
  if (source === undefined || source.correlationId !== '') return source ?? command.cover
  const addressed = clone(CoverSchema, source)
  addressed.correlationId = command.cover?.correlationId ?? ''
  return addressed
}
