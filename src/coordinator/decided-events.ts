/** What handlers of this process answer, as decided events. */
import type { Message } from '@bufbuild/protobuf'
import { codecOf } from '../component/known-messages.ts'
import { codedError } from '../errors.ts'
import type { StreamKey } from '../ledger/ledger.ts'
import { rootOfBytes } from '../identity.ts'
import type { Cover, EventBook, EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { nanosecondsFromTimestamp } from '../wire/timestamp.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import type { DecidedEvent } from './stateful-endpoint.ts'

/** Events that a handler answered as messages. @throws DispatchError `MESSAGE_SCHEMA_UNKNOWN` */
export function eventsOfMessages(messages: readonly Message[]): readonly DecidedEvent[] {
  return messages.map((message) => ({
    type: message.$typeName,
    value: codecOf(message).encode(message),
  }))
}

/**
 * Events that a handler answered as a book for this stream.
 *
 * @throws CodedError `RESPONSE_FOREIGN_TARGET` for a book addressed to another stream
 */
export function eventsOfBook(book: EventBook, key: StreamKey): readonly DecidedEvent[] {
  checkTarget(book.cover, key)
  return eventsOfPages(book.pages)
}

/** Events that a handler answered as pages; a page without an inline event is none. */
export function eventsOfPages(pages: readonly EventPage[]): readonly DecidedEvent[] {
  return pages.flatMap(({ header, createdAt, payload }) => {
    if (payload.case !== 'event') return []
    const place = header?.sequenceType
    const event: DecidedEvent = {
      type: typeNameFromUrl(payload.value.typeUrl),
      value: payload.value.value,
      sequence: place?.case === 'sequence' ? place.value : undefined,
      createdAt: createdAt === undefined ? undefined : nanosecondsFromTimestamp(createdAt),
    }
    return [event]
  })
}

function checkTarget(cover: Cover | undefined, key: StreamKey): void {
  if (cover === undefined) return
  const { domain, root } = cover
  const foreign =
    (domain !== '' && domain !== key.domain) ||
    (root !== undefined && rootOfBytes(root.value) !== key.root)
  if (!foreign) return
  throw codedError('RESPONSE_FOREIGN_TARGET', {
    details: { expected: `${key.domain}/${key.root}`, actual: domain },
  })
}
