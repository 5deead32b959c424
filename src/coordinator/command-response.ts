/** The answer to a command: the book of the events it stored. */
import type { Committed, Ledger, StreamKey } from '../ledger/ledger.ts'
import type { Sequence } from '../identity.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { EventBook, EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import { coverOf } from './cover-of.ts'
import { storedPage } from './stored-page.ts'
import type { Upcast } from './upcast-event.ts'
import type { StampedEvent } from './work.ts'

/**
 * The response for events that were stored from a sequence on. Written out instead of made by
 * `create`, because every command is answered with one.
 */
export function commandResponse(options: {
  readonly key: StreamKey
  readonly correlationId: string
  readonly from: Sequence
  readonly pages: EventPage[]
}): CommandResponse {
  const { key, correlationId, from, pages } = options
  const events: EventBook = {
    $typeName: 'angzarr_client.proto.angzarr.EventBook',
    cover: coverOf(key, correlationId),
    pages,
    nextSequence: from + pages.length,
  }
  return {
    $typeName: 'angzarr_client.proto.angzarr.CommandResponse',
    events,
    projections: [],
    reactionErrors: [],
  }
}

/** A stored event as a page of a book. */
export function pageOf({ sequence, type, value, createdAt, cascadeId }: StampedEvent): EventPage {
  const page: EventPage = {
    $typeName: 'angzarr_client.proto.angzarr.EventPage',
    header: {
      $typeName: 'angzarr_client.proto.angzarr.PageHeader',
      sequenceType: { case: 'sequence', value: sequence },
    },
    createdAt: timestampFromNanoseconds(createdAt),
    payload: {
      case: 'event',
      value: { $typeName: 'google.protobuf.Any', typeUrl: TYPE_URL_PREFIX + type, value },
    },
    noCommit: cascadeId !== undefined,
  }
  if (cascadeId !== undefined) page.cascadeId = cascadeId
  return page
}

/** The response of a command that was carried out before: its first outcome, read again. */
export async function firstResponse(
  ledger: Ledger,
  key: StreamKey,
  first: Committed,
  upcast: Upcast,
): Promise<CommandResponse> {
  const appended = first.appends.find(
    (item) => item.key.root === key.root && item.key.domain === key.domain,
  )
  if (appended === undefined || appended.count === 0) {
    const from = await ledger.head(key)
    return commandResponse({ key, correlationId: '', from, pages: [] })
  }
  const pages: EventPage[] = []
  let correlationId = ''
  const range = { from: appended.from, to: appended.from + appended.count - 1 }
  for await (const chunk of ledger.stream(key, range)) {
    for (const event of chunk) {
      pages.push(await storedPage(upcast, event))
      correlationId = event.correlationId
    }
  }
  return commandResponse({ key, correlationId, from: appended.from, pages })
}
