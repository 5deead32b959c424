/** Stored events and snapshots as messages of the contract. */
import { create } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import type { StoredEvent, StoredSnapshot } from '../ledger/ledger.ts'
import {
  type EventPage,
  EventPageSchema,
  type Snapshot,
  NoOpSchema,
  SnapshotRetention,
  SnapshotSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import type { HiddenReason } from './plan-pending.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import { openPage } from './load-state.ts'
import type { EncodedEvent } from './stateful-endpoint.ts'
import type { Upcast } from './upcast-event.ts'

const pages = messageCodec(EventPageSchema)
const snapshots = messageCodec(SnapshotSchema)

const RETENTIONS = {
  default: SnapshotRetention.RETENTION_DEFAULT,
  persist: SnapshotRetention.RETENTION_PERSIST,
  transient: SnapshotRetention.RETENTION_TRANSIENT,
} as const

/** The page of an event, its event inline and in the newest form. */
export async function pageOfStored(upcast: Upcast, stored: StoredEvent): Promise<EventPage> {
  const page = pages.decode(stored.page)
  if (!changes(upcast, stored, page)) return page
  return withEvent(page, await upcast(stored.key.domain, openPage(stored)))
}

/** The pages of events of one stream, as `pageOfStored` makes them. */
export async function pagesOfStored(
  upcast: Upcast,
  events: readonly StoredEvent[],
): Promise<readonly EventPage[]> {
  const made = events.map((stored) => ({ stored, page: pages.decode(stored.page) }))
  const changing = made.filter(({ stored, page }) => changes(upcast, stored, page))
  const [first] = changing
  if (first === undefined) return made.map(({ page }) => page)
  const { domain } = first.stored.key
  const renewed = await upcast.all(
    domain,
    changing.map(({ stored }) => openPage(stored)),
  )
  for (const [index, { page }] of changing.entries()) {
    const event = renewed[index]
    if (event !== undefined) withEvent(page, event)
  }
  return made.map(({ page }) => page)
}

function changes(upcast: Upcast, { key, type }: StoredEvent, page: EventPage): boolean {
  return page.payload.case === 'external' || upcast.renews(key.domain, type)
}

/** The page of an event, inline, as it was stored. */
export async function storedPage(upcast: Upcast, stored: StoredEvent): Promise<EventPage> {
  const page = pages.decode(stored.page)
  if (page.payload.case !== 'external') return page
  return withEvent(page, await upcast.inline(openPage(stored)))
}

/** The page with this event in it. */
export function withEvent(page: EventPage, { type, value }: EventContent): EventPage {
  const any = create(AnySchema, { typeUrl: TYPE_URL_PREFIX + type, value })
  page.payload = { case: 'event', value: any }
  return page
}

type EventContent = Pick<EncodedEvent, 'type' | 'value'>

/** What stands for a page that the reader does not see: its place, its date, and why. */
export function noOpPage(stored: StoredEvent, reason: HiddenReason): EventPage {
  const page = pages.decode(stored.page)
  const { visibility } = stored
  const cascadeId = visibility.kind === 'pending' ? visibility.cascadeId : ''
  const noOp = create(NoOpSchema, { originalSequence: stored.sequence, cascadeId, reason })
  page.payload = { case: 'event', value: packAny(NoOpSchema, noOp) }
  return page
}

/** A snapshot with its place in the history. */
export function snapshotOf({ sequence, state, retention, createdAt }: StoredSnapshot): Snapshot {
  return create(SnapshotSchema, {
    ...snapshots.decode(state),
    sequence,
    retention: RETENTIONS[retention],
    createdAt: timestampFromNanoseconds(createdAt),
  })
}
