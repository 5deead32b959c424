/** Events inside pages and responses. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { tryUnpackAny } from './any.ts'
import { type MessageOr, messageIn } from './message-or.ts'

/** The event of a page; `undefined` when it has none, or one that is kept elsewhere. */
export function inlineEvent({ payload }: EventPage): Any | undefined {
  return payload.case === 'event' ? payload.value : undefined
}

/**
 * The event of a page if it is of this type; `undefined` for another type, for a payload that lies
 * elsewhere or is missing, and for bytes that do not decode (Angzarr client: `decode_event`).
 */
export function decodeEvent<Desc extends DescMessage>(
  page: MessageOr<EventPage>,
  schema: Desc,
): MessageShape<Desc> | undefined {
  return tryUnpackAny(schema, inlineEvent(messageIn(page)))
}

/** The pages of a response; none without a book (Angzarr client: `events_from_response`). */
export function eventsFromResponse(response: MessageOr<CommandResponse>): readonly EventPage[] {
  return messageIn(response).events?.pages ?? []
}
