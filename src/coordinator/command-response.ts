/** The answer to a command: the book of the events it stored. */
import { create } from '@bufbuild/protobuf'
import type { Committed, Ledger, StreamKey } from '../ledger/ledger.ts'
import type { Sequence } from '../identity.ts'
import {
  type CommandResponse,
  CommandResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  EventBookSchema,
  type EventPage,
  EventPageSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { coverOf } from './cover-of.ts'

const codec = messageCodec(EventPageSchema)

/** The response for events that were stored from a sequence on. */
export function commandResponse(options: {
  readonly key: StreamKey
  readonly correlationId: string
  readonly from: Sequence
  readonly pages: readonly Uint8Array[]
}): CommandResponse {
  const { key, correlationId, from, pages } = options
  const decoded: EventPage[] = pages.map((page) => codec.decode(page))
  return create(CommandResponseSchema, {
    events: create(EventBookSchema, {
      cover: coverOf(key, correlationId),
      pages: decoded,
      nextSequence: from + pages.length,
    }),
  })
}

/** The response of a command that was carried out before: its first outcome, read again. */
export async function firstResponse(
  ledger: Ledger,
  key: StreamKey,
  first: Committed,
): Promise<CommandResponse> {
  const appended = first.appends.find(
    (item) => item.key.root === key.root && item.key.domain === key.domain,
  )
  if (appended === undefined || appended.count === 0) {
    const from = await ledger.head(key)
    return commandResponse({ key, correlationId: '', from, pages: [] })
  }
  const pages: Uint8Array[] = []
  let correlationId = ''
  const range = { from: appended.from, to: appended.from + appended.count - 1 }
  for await (const chunk of ledger.stream(key, range)) {
    for (const event of chunk) {
      pages.push(event.page)
      correlationId = event.correlationId
    }
  }
  return commandResponse({ key, correlationId, from: appended.from, pages })
}
