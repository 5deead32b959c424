/** Turns a delivery of a fact into work: through the aggregate's fact handler, or stored as it is. */
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import { type EventBook, MergeStrategy } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { streamOf } from './cover-of.ts'
import { type Delivery, idempotencyKeyOf, removeDelivery } from './delivery.ts'
import type { ReactionContext } from './reaction-context.ts'
import type { AggregateEndpoint, IncomingMessage, StatefulEndpoint } from './stateful-endpoint.ts'
import type { Work } from './work.ts'

/** @throws CodedError `UNKNOWN_DOMAIN`, `REQUEST_INCOMPLETE` */
export function factWork(context: ReactionContext, delivery: Delivery): Work {
  if (delivery.parcel.kind !== 'fact') throw codedError('REQUEST_INCOMPLETE')
  const { fact } = delivery.parcel
  const key = streamOf(fact.cover)
  const endpoint = context.targets.get(key.domain)
  if (endpoint === undefined) {
    throw codedError('UNKNOWN_DOMAIN', { details: { domain: key.domain } })
  }
  return {
    key,
    endpoint: endpoint.handlesFacts ? endpoint : passThrough(endpoint),
    subject: { kind: 'fact', facts: messagesOf(fact) },
    correlationId: fact.cover?.correlationId ?? '',
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: externalIdOf(fact) ?? idempotencyKeyOf(delivery),
    keyIsNew: false,
    visibility: OPEN,
    cascade: delivery.cascade,
    settle: (decided) =>
      decided.kind === 'accepted'
        ? { conditions: context.term(), rows: [removeDelivery(delivery)] }
        : undefined,
  }
}

/** The messages of a book of facts. */
function messagesOf(book: EventBook): readonly IncomingMessage[] {
  return book.pages.flatMap((page) =>
    page.payload.case === 'event'
      ? [{ type: typeNameFromUrl(page.payload.value.typeUrl), value: page.payload.value.value }]
      : [],
  )
}

function externalIdOf(book: EventBook): string | undefined {
  const header = book.pages[0]?.header?.sequenceType
  const id = header?.case === 'externalDeferred' ? header.value.externalId : ''
  return id === '' ? undefined : `fact#${id}`
}

/** An aggregate without fact handlers: its facts are stored as they are. */
function passThrough(endpoint: AggregateEndpoint): StatefulEndpoint {
  return {
    ...delegate(endpoint),
    decide: ({ subject }) => ({
      kind: 'events',
      events:
        subject.kind === 'fact'
          ? subject.facts.map(({ type, value }) => ({ type, value: value ?? new Uint8Array(0) }))
          : [],
    }),
  }
}

function delegate(endpoint: AggregateEndpoint): Omit<StatefulEndpoint, 'decide'> {
  return {
    domain: endpoint.domain,
    supportsReplay: endpoint.supportsReplay,
    stateSchema: endpoint.stateSchema,
    snapshotEvery: endpoint.snapshotEvery,
    fresh: () => endpoint.fresh(),
    fold: (state, event) => endpoint.fold(state, event),
    capture: (state) => endpoint.capture(state),
    restore: (bytes) => endpoint.restore(bytes),
  }
}
