/**
 * Type URLs: the prefix `type.googleapis.com/` and the full name of a message type. They are
 * compared whole. Only for the framework's own messages other spellings are known, because peers of
 * other generations send them.
 */
import type { DescMessage, Message } from '@bufbuild/protobuf'
import { PROJECTION_TYPE_URL, TYPE_URL_PREFIX } from './constants.ts'

/** The type URL of a full message name (Angzarr client: `type_url`). */
export function typeUrl(typeName: string): string {
  return TYPE_URL_PREFIX + typeName
}

/** The type URL of a schema or a message (Angzarr client: `full_type_url`). */
export function fullTypeUrl(type: DescMessage | Message): string {
  return TYPE_URL_PREFIX + ('typeName' in type ? type.typeName : type.$typeName)
}

/** What stands behind the last slash; a text without one as it is. */
export function typeNameFromUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

/** Whether a URL is the prefix and exactly this name; no other prefix, no shortened name. */
export function typeUrlMatches(url: string, typeName: string): boolean {
  return url.length === TYPE_URL_PREFIX.length + typeName.length && url === typeUrl(typeName)
}

/** The full name as it goes over the wire: itself (Angzarr client: `wire_name`). */
export function wireName(typeName: string): string {
  return typeName
}

/** Packages in which the framework's messages have been known. */
const FRAMEWORK_PACKAGES: ReadonlySet<string> = new Set([
  'angzarr_client.proto.angzarr',
  'angzarr_client.proto.angzarr.v1',
  'io.angzarr.v1',
  'angzarr',
])

/** The framework's messages that peers pack into an `Any`. */
export type FrameworkMessage =
  | 'Notification'
  | 'RejectionNotification'
  | 'Compensate'
  | 'SagaCompensationFailed'
  | 'Projection'
  | 'CloudEventsResponse'
  | 'Cover'
  | 'CommandBook'
  | 'Confirmation'
  | 'Revocation'
  | 'NoOp'

const FRAMEWORK_MESSAGES: ReadonlySet<string> = new Set<FrameworkMessage>([
  'Notification',
  'RejectionNotification',
  'Compensate',
  'SagaCompensationFailed',
  'Projection',
  'CloudEventsResponse',
  'Cover',
  'CommandBook',
  'Confirmation',
  'Revocation',
  'NoOp',
])

/**
 * Which message of the framework a type URL names, in whichever generation and with whichever
 * prefix; `undefined` for every other message.
 */
export function frameworkMessageOf(url: string): FrameworkMessage | undefined {
  const name = typeNameFromUrl(url)
  const dot = name.lastIndexOf('.')
  const simple = name.slice(dot + 1)
  const known = FRAMEWORK_PACKAGES.has(name.slice(0, dot)) && FRAMEWORK_MESSAGES.has(simple)
  // The set holds nothing else.
  return known ? (simple as FrameworkMessage) : undefined
}

/** Whether a type URL is that of a projection carried as an event. */
export function isProjectionTypeUrl(url: string): boolean {
  return url === PROJECTION_TYPE_URL || frameworkMessageOf(url) === 'Projection'
}
