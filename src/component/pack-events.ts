/** Events that a handler emitted, as pages. */
import { create, type Message } from '@bufbuild/protobuf'
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt'
import type { Sequence } from '../identity.ts'
import { type EventPage, EventPageSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { sequenceHeader, stampedHeader } from '../wire/header.ts'
import { typeUrl } from '../wire/type-url.ts'
import { codecOf } from './known-messages.ts'

/** A message in its envelope. @throws DispatchError `MESSAGE_SCHEMA_UNKNOWN` */
export function packMessage(message: Message): Any {
  const value = codecOf(message).encode(message)
  return create(AnySchema, { typeUrl: typeUrl(message.$typeName), value })
}

/**
 * One page per message, in order; numbered from `first` when it is given.
 *
 * @throws DispatchError `MESSAGE_SCHEMA_UNKNOWN`
 */
export function packEvents(messages: readonly Message[], first?: Sequence): EventPage[] {
  return messages.map((message, index) => {
    const page = create(EventPageSchema, {
      payload: { case: 'event', value: packMessage(message) },
    })
    if (first !== undefined) page.header = sequenceHeader(first + index)
    return page
  })
}

/** Copies of pages, numbered from `first`. */
export function renumber(pages: readonly EventPage[], first: Sequence): EventPage[] {
  return pages.map((page, index) => ({
    ...page,
    header: stampedHeader(page.header, first + index),
  }))
}
