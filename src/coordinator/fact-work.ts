/** Turns a delivery of a fact into work: through the aggregate's fact handler, or stored as it is. */
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import { MergeStrategy } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { streamOf } from './cover-of.ts'
import { type Delivery, idempotencyKeyOf, removeDelivery } from './delivery.ts'
import { admitting, externalKeyOf, messagesOfFacts } from './facts-of-book.ts'
import type { ReactionContext } from './reaction-context.ts'
import { parentIn } from './telemetry/watching-part.ts'
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
    endpoint: admitting(endpoint),
    subject: { kind: 'fact', facts: messagesOfFacts(fact) },
    correlationId: fact.cover?.correlationId ?? '',
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: externalKeyOf(fact) ?? idempotencyKeyOf(delivery),
    keyIsNew: false,
    visibility: OPEN,
    cascadeId: delivery.cascadeId,
    edition: fact.cover?.edition,
    cascade: delivery.cascade,
    trace: parentIn(delivery.traceparent),
    settle: (decided) =>
      decided.kind === 'accepted'
        ? { conditions: context.term(), rows: [removeDelivery(delivery)] }
        : undefined,
  }
}
