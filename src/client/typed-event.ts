/** Events as their authors know them: the message, decoded, with its place and time. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { Sequence } from '../identity.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { EventBook, EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../wire/any.ts'
import { eventsFromResponse, inlineEvent } from '../wire/event.ts'
import { sequenceOf } from '../wire/header.ts'
import { type MessageOr, messageIn } from '../wire/message-or.ts'
import { fullTypeUrl } from '../wire/type-url.ts'

/** One event; with several schemas a union to switch over on `message.$typeName`. */
export type TypedEvent<S extends DescMessage> = {
  /** Its place in its stream; 0 when the page does not say. */
  readonly sequence: Sequence
  readonly message: MessageShape<S>
  /** When it happened, to the millisecond; `undefined` when the page does not say. */
  readonly createdAt: Date | undefined
}

/**
 * The events of a response or a book, oldest first: those of the named types, decoded. Events of
 * other types are left out, and so are events whose payload lies elsewhere.
 *
 * @throws InvalidArgumentError `ANY_DECODE_FAILED` when an event of a named type cannot be decoded
 */
export function eventsOf<const S extends readonly DescMessage[]>(
  source: MessageOr<CommandResponse> | MessageOr<EventBook>,
  ...schemas: S
): readonly TypedEvent<S[number]>[] {
  return typedEventsIn(pagesIn(messageIn(source)), schemas)
}

/** The events of pages that are of a named type, decoded. @throws as {@link eventsOf} */
export function typedEventsIn<S extends DescMessage>(
  pages: readonly EventPage[],
  schemas: readonly S[],
): readonly TypedEvent<S>[] {
  const byTypeUrl = new Map(schemas.map((schema) => [fullTypeUrl(schema), schema]))
  const events: TypedEvent<S>[] = []
  for (const page of pages) {
    const event = inlineEvent(page)
    const schema = event === undefined ? undefined : byTypeUrl.get(event.typeUrl)
    if (event === undefined || schema === undefined) continue
    events.push({
      sequence: sequenceOf(page.header) ?? 0,
      message: unpackAny(schema, event),
      createdAt: page.createdAt === undefined ? undefined : timestampDate(page.createdAt),
    })
  }
  return events
}

function pagesIn(source: CommandResponse | EventBook): readonly EventPage[] {
  if (source.$typeName === 'angzarr_client.proto.angzarr.EventBook') return source.pages
  return eventsFromResponse(source)
}
