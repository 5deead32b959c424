/** What makes a component run: an event of the log, or the news that its command was rejected. */
import type { Position, Sequence } from '../identity.ts'
import type { StoredEvent, StreamKey } from '../ledger/ledger.ts'
import type { Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** See the top of this file. */
export type Trigger =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | {
      readonly kind: 'rejection'
      readonly notification: Notification
      readonly origin: TriggerOrigin
    }

/** The event at the beginning of a reaction: rejections go back there. */
export type TriggerOrigin = {
  readonly key: StreamKey
  readonly sequence: Sequence
  readonly position: Position
  readonly correlationId: string
}

/** The origin of a trigger. */
export function originOf(trigger: Trigger): TriggerOrigin {
  if (trigger.kind === 'rejection') return trigger.origin
  const { key, sequence, position, correlationId } = trigger.event
  return { key, sequence, position, correlationId }
}
