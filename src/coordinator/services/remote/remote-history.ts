/**
 * The state of a component elsewhere, as the coordinator sees it: the history that the component
 * folds itself, from a snapshot on when there is one.
 */
import { create } from '@bufbuild/protobuf'
import {
  type Cover,
  type EventBook,
  EventBookSchema,
  type EventPage,
  EventPageSchema,
  type Snapshot,
  SnapshotSchema,
} from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../../../wire/constants.ts'
import { messageCodec } from '../../../wire/message-codec.ts'
import type { EncodedEvent, StatefulEndpoint } from '../../stateful-endpoint.ts'

const snapshots = messageCodec(SnapshotSchema)

/** See the top of this file. */
export class RemoteHistory {
  /** Where it begins; `undefined` at the first event. */
  base: Snapshot | undefined
  /** What follows. */
  pages: EventPage[] = []
  /** Bytes of the events in it. */
  bytes = 0
}

/** How such a state is folded and read back. */
export const remoteFolding: Pick<
  StatefulEndpoint,
  'stateSchema' | 'readsSnapshots' | 'fresh' | 'fold' | 'capture' | 'restore'
> = {
  stateSchema: undefined,
  readsSnapshots: true,
  fresh: () => new RemoteHistory(),
  fold: (state, event) => {
    const history = asHistory(state)
    // A view would keep everything that arrived with it for as long as the state is kept.
    const value = new Uint8Array(event.value)
    history.pages.push(pageOf({ ...event, value }))
    history.bytes += event.value.length
    return history
  },
  // The component writes its state down itself, see `remote-aggregate.ts`.
  capture: () => undefined,
  restore: (bytes) => {
    const history = new RemoteHistory()
    history.base = snapshots.decode(bytes)
    return history
  },
}

/** A state is whatever this endpoint made. */
export function asHistory(state: unknown): RemoteHistory {
  if (state instanceof RemoteHistory) return state
  throw new TypeError('a state is what the endpoint made')
}

/** The history as it is sent. */
export function historyBook(history: RemoteHistory, cover: Cover, next: number): EventBook {
  const { base, pages } = history
  const book = create(EventBookSchema, { cover, pages, nextSequence: next })
  if (base !== undefined) {
    // It ends where the pages begin.
    const sequence = Math.max(0, next - pages.length - 1)
    book.snapshot = create(SnapshotSchema, { sequence, ...(base.state && { state: base.state }) })
  }
  return book
}

/** An event as it is sent. */
export function pageOf({ sequence, type, value }: EncodedEvent): EventPage {
  return create(EventPageSchema, {
    header: { sequenceType: { case: 'sequence', value: sequence } },
    payload: { case: 'event', value: { typeUrl: TYPE_URL_PREFIX + type, value } },
  })
}
