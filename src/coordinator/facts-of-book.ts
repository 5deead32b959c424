/** A book of facts: what is in it, under which key, and what admits it. */
import type { EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { nanosecondsFromTimestamp } from '../wire/timestamp.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import type { AggregateEndpoint, IncomingMessage, StatefulEndpoint } from './stateful-endpoint.ts'

/** The messages of a book of facts. */
export function messagesOfFacts(book: EventBook): readonly IncomingMessage[] {
  return book.pages.flatMap(({ payload, createdAt }) => {
    if (payload.case !== 'event') return []
    const { typeUrl, value } = payload.value
    const time = createdAt === undefined ? undefined : nanosecondsFromTimestamp(createdAt)
    return [{ type: typeNameFromUrl(typeUrl), value, createdAt: time }]
  })
}

/** The key of the identifier that an outside system gave to the first page; none without one. */
export function externalKeyOf(book: EventBook): string | undefined {
  const header = book.pages[0]?.header?.sequenceType
  const id = header?.case === 'externalDeferred' ? header.value.externalId : ''
  return id === '' ? undefined : `fact#${id}`
}

/** What admits facts: the aggregate, or nobody when it declares no fact handler at all. */
export function admitting(endpoint: AggregateEndpoint): StatefulEndpoint {
  if (endpoint.handlesFacts) return endpoint
  return {
    ...delegate(endpoint),
    decide: ({ subject }) => ({
      kind: 'events',
      events:
        subject.kind === 'fact'
          ? subject.facts.map(({ type, value, createdAt }) => ({
              type,
              value: value ?? new Uint8Array(0),
              createdAt,
            }))
          : [],
    }),
  }
}

/** An aggregate, but for its decisions. */
export function delegate(endpoint: AggregateEndpoint): Omit<StatefulEndpoint, 'decide'> {
  return {
    domain: endpoint.domain,
    supportsReplay: endpoint.supportsReplay,
    stateSchema: endpoint.stateSchema,
    readsSnapshots: endpoint.readsSnapshots,
    snapshotEvery: endpoint.snapshotEvery,
    fresh: () => endpoint.fresh(),
    fold: (state, event) => endpoint.fold(state, event),
    capture: (state) => endpoint.capture(state),
    restore: (bytes) => endpoint.restore(bytes),
  }
}
