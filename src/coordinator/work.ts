/** One piece of work for the stream it is addressed to, and what can become of it. */
import type { Edition, MergeStrategy } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Sequence } from '../identity.ts'
import type { Committed, Condition, StreamKey, Visibility } from '../ledger/ledger.ts'
import type { TraceParent } from '../telemetry/tracing.ts'
import type { CascadePart } from './cascade.ts'
import type { Settlement } from './settlement.ts'
import type {
  Decision,
  DecisionSubject,
  EncodedEvent,
  StatefulEndpoint,
} from './stateful-endpoint.ts'

/** An event with its place in its stream. */
export type StampedEvent = EncodedEvent & {
  readonly page: Uint8Array
  readonly createdAt: Nanoseconds
  /** The cascade it is pending in. */
  readonly cascadeId?: string | undefined
}

/** How a piece of work was decided, before it is written down. */
export type Decided =
  | {
      readonly kind: 'accepted'
      readonly decision: Decision
      readonly events: readonly StampedEvent[]
    }
  | { readonly kind: 'rejected'; readonly error: Error }

/** One piece of work. */
export type Work = {
  readonly key: StreamKey
  readonly endpoint: StatefulEndpoint
  readonly subject: DecisionSubject
  readonly correlationId: string
  /** The sequence it expects; `undefined` claims none. */
  readonly expected: Sequence | undefined
  readonly strategy: MergeStrategy
  /** Makes it safe to send again (P3); `undefined` leaves no claim. */
  readonly idempotencyKey: string | undefined
  /** True when this key cannot have been used before, so that looking it up can be skipped. */
  readonly keyIsNew: boolean
  readonly visibility: Visibility
  /** The cascade whose pending pages it stores, and sees. */
  readonly cascadeId?: string | undefined
  /** The edition, with its branch points, when the request names one. */
  readonly edition?: Edition | undefined
  /** The request that waits for what its events bring about. */
  readonly cascade?: CascadePart | undefined
  /** Where it belongs to in a trace. */
  readonly trace?: TraceParent | undefined
  /**
   * What else belongs into the commit: deliveries, the end of the delivery that brought this work,
   * leases. Called for every decision, also when it is made anew.
   */
  readonly settle?: ((decided: Decided) => Settlement | undefined) | undefined
}

/** What became of a piece of work. Failures of the machinery are thrown instead. */
export type WorkOutcome =
  | {
      readonly kind: 'accepted'
      readonly committed: Committed
      readonly from: Sequence
      readonly decision: Decision
      readonly events: readonly StampedEvent[]
    }
  /** Done before under the same key; nothing ran. */
  | { readonly kind: 'duplicate'; readonly first: Committed }
  | { readonly kind: 'rejected'; readonly error: Error }
  /** A condition of its settlement no longer holds: somebody else owns it now. */
  | { readonly kind: 'lost'; readonly on: Condition }
