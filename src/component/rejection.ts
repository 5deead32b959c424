/** What a notification is about: a command that was refused, or one that shall be undone. */
import {
  type CommandBook,
  type Compensate,
  CompensateSchema,
  type Notification,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { decodePayload, unpackExact } from './decode-payload.ts'
import type { Entry } from './definition.ts'
import type { Rejection, Undo } from './handler-context.ts'
import { requireSchema } from './known-messages.ts'
import { meansType, type SchemaOrName } from './schema-or-name.ts'

/** A refused command, as its notification tells of it. */
export type RefusedCommand = {
  /** Domain it was for. */
  readonly domain: string
  /** Full name of its type. */
  readonly typeName: string
  readonly reason: string
  /** Code of the refusal; empty when there is none. */
  readonly code: string
  readonly commandBook: CommandBook
}

/**
 * The refused command of a notification; `undefined` when it carries something else, or no command
 * that could be told by domain and type.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for a malformed payload
 */
export function refusedCommandOf(notification: Notification): RefusedCommand | undefined {
  const rejection = unpackExact(RejectionNotificationSchema, notification.payload)
  const commandBook = rejection?.rejectedCommand
  const payload = commandBook?.pages[0]?.payload
  const domain = commandBook?.cover?.domain ?? ''
  if (rejection === undefined || commandBook === undefined || payload?.case !== 'command') {
    return undefined
  }
  const typeName = typeNameFromUrl(payload.value.typeUrl)
  if (domain === '' || typeName === '') return undefined
  const { rejectionReason: reason, code } = rejection
  return { domain, typeName, reason, code, commandBook }
}

/** An entry that answers rejections. */
export type RejectedEntry = Extract<Entry, { readonly role: 'rejected' }>

/** The entries that answer this refusal, in the order of their declaration. */
export function answering(
  entries: readonly Entry[],
  refused: RefusedCommand,
): readonly RejectedEntry[] {
  return entries.filter(
    (entry): entry is RejectedEntry =>
      entry.role === 'rejected' &&
      entry.domain === refused.domain &&
      meansType(entry.command, refused.typeName),
  )
}

/** What the handler is told; the command is decoded when it is read. */
export function rejectionFor(declared: SchemaOrName, refused: RefusedCommand): Rejection {
  const { reason, code, commandBook, typeName } = refused
  return {
    get command() {
      const payload = commandBook.pages[0]?.payload
      const bytes = payload?.case === 'command' ? payload.value.value : new Uint8Array(0)
      const schema = typeof declared === 'string' ? requireSchema(typeName) : declared
      return decodePayload(schema, bytes)
    },
    reason,
    code,
    commandBook,
  }
}

/**
 * The request to undo a command; `undefined` when the notification carries something else.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for a malformed payload
 */
export function compensateOf(notification: Notification): Compensate | undefined {
  return unpackExact(CompensateSchema, notification.payload)
}

/** What an undo handler is told. */
export function undoFor(compensate: Compensate): Undo {
  return { reason: compensate.reason, sequences: compensate.sequences, compensate }
}
