/** The calls of the event query service. */
import type { EventBook, Query } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { MessageOr } from '../wire/message-or.ts'
import type { CallOptions } from './transport.ts'

/** Options of a query that answers with a list. */
export type ListOptions = CallOptions & {
  /** Books the list may have; more fail with `STREAM_LIMIT_EXCEEDED`. Default 100,000. */
  readonly maxBooks?: number | undefined
}

/** What a query builder calls. Every call takes a query or its wrapper. */
export interface QueryCalls {
  /** The one book a query selects; an empty one when there are no events. */
  getEventBook(query: MessageOr<Query>, options?: CallOptions): Promise<EventBook>
  /** Every book a query selects, as a list. */
  getEvents(query: MessageOr<Query>, options?: ListOptions): Promise<readonly EventBook[]>
  /** Every book a query selects, one by one; breaking out ends the query. */
  streamEvents(query: MessageOr<Query>, options?: CallOptions): AsyncIterable<EventBook>
}
