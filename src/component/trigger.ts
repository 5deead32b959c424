/** What sets off a saga or process manager: the last page of a book. */
import type { Any } from '@bufbuild/protobuf/wkt'
import type { Sequence } from '../identity.ts'
import {
  type EventBook,
  type EventPage,
  type Notification,
  NotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { inlineEvent } from '../wire/event.ts'
import { unpackExact } from './decode-payload.ts'
import { dispatchError } from './errors.ts'
import { exactTypeName } from './exact-type.ts'
import type { SagaSource } from './handler-context.ts'

/** The trigger of a reaction. */
export type Trigger = {
  /** Full name of the event's type. */
  readonly typeName: string
  readonly event: Any
  /** Domain of the book; empty when it has no cover. */
  readonly domain: string
  readonly source: SagaSource
  /** The notification, when the trigger is one. */
  readonly notification: Notification | undefined
}

/** The codes for what is wrong with a trigger; sagas and process managers have their own. */
export type TriggerCodes = {
  readonly missing: 'MISSING_SAGA_SOURCE' | 'MISSING_PM_TRIGGER'
  readonly empty: 'EMPTY_SAGA_SOURCE' | 'EMPTY_PM_TRIGGER'
  readonly payload: 'MISSING_SAGA_EVENT_PAYLOAD' | 'MISSING_PM_EVENT_PAYLOAD'
  readonly typeUrl: 'SAGA_INVALID_TYPE_URL' | 'PM_INVALID_TYPE_URL'
}

/**
 * Finds the trigger of a book.
 *
 * @throws DispatchError one of the codes, and `ANY_DECODE_FAILED` for a malformed notification
 */
export function triggerOf(book: EventBook | undefined, codes: TriggerCodes): Trigger {
  if (book === undefined) throw dispatchError(codes.missing)
  const page = book.pages.at(-1)
  if (page === undefined) throw dispatchError(codes.empty)
  const event = inlineEvent(page)
  if (event === undefined) throw dispatchError(codes.payload)
  const typeName = exactTypeName(event.typeUrl)
  if (typeName === undefined) throw dispatchError(codes.typeUrl, { type_url: event.typeUrl })
  return {
    typeName,
    event,
    domain: book.cover?.domain ?? '',
    source: { sourceCover: book.cover, sourceSeq: sourceSequence(page), sourceEvents: book },
    notification: unpackExact(NotificationSchema, event),
  }
}

/** The explicit sequence of a page, or that of the event which caused it; else 0. */
function sourceSequence({ header }: EventPage): Sequence {
  const place = header?.sequenceType
  switch (place?.case) {
    case 'sequence':
      return place.value
    case 'angzarrDeferred':
      return place.value.sourceSeq
    case 'externalDeferred':
    case undefined:
      return 0
  }
}
