/** A request to undo a command, as work for the aggregate that has carried it out (`@undoes`). */
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import {
  type CommandBook,
  MergeStrategy,
  type Notification,
  NotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../wire/any.ts'
import { streamOf } from './cover-of.ts'
import { type Delivery, idempotencyKeyOf, removeDelivery } from './delivery.ts'
import type { ReactionContext } from './reaction-context.ts'
import { parentIn } from './telemetry/watching-part.ts'
import type { Work } from './work.ts'

/**
 * The work. What the handler answers besides events changes nothing.
 *
 * @throws CodedError `UNKNOWN_DOMAIN`, `REQUEST_INCOMPLETE`; in its settlement `NO_UNDO_HANDLER`
 */
export function undoWork(
  context: ReactionContext,
  delivery: Delivery,
  envelope: CommandBook,
): Work {
  const key = streamOf(envelope.cover)
  const endpoint = context.targets.get(key.domain)
  if (endpoint === undefined) {
    throw codedError('UNKNOWN_DOMAIN', { details: { domain: key.domain } })
  }
  return {
    key,
    endpoint,
    subject: { kind: 'rejection', notification: notificationIn(envelope) },
    correlationId: envelope.cover?.correlationId ?? '',
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: idempotencyKeyOf(delivery),
    keyIsNew: !delivery.recovered && delivery.attempts <= 1,
    visibility: OPEN,
    trace: parentIn(delivery.traceparent),
    settle: (decided) => {
      if (decided.kind === 'rejected') return undefined
      if (decided.decision.kind === 'unhandled') {
        throw codedError('NO_UNDO_HANDLER', { details: { domain: key.domain } })
      }
      return { conditions: context.term(), rows: [removeDelivery(delivery)] }
    },
  }
}

function notificationIn(envelope: CommandBook): Notification {
  const payload = envelope.pages[0]?.payload
  if (payload?.case !== 'command') throw codedError('REQUEST_INCOMPLETE')
  return unpackAny(NotificationSchema, payload.value)
}
