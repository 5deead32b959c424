/** Events inside pages and responses. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { tryUnpackAny } from './any.ts'

/**
 * The event of a page if it is of this type; `undefined` for another type, for a payload that lies
 * elsewhere or is missing, and for bytes that do not decode (Angzarr client: `decode_event`).
 */
export function decodeEvent<Desc extends DescMessage>(
  page: EventPage,
  schema: Desc,
): MessageShape<Desc> | undefined {
  return tryUnpackAny(schema, page.payload.case === 'event' ? page.payload.value : undefined)
}

/** The pages of a response; none without a book (Angzarr client: `events_from_response`). */
export function eventsFromResponse(response: CommandResponse): readonly EventPage[] {
  return response.events?.pages ?? []
}
