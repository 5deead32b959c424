/**
 * Where decisions on a folded state are made: in this process by a direct call, or elsewhere
 * behind a connection. Aggregates and process managers are reached through this interface only, so
 * that every behaviour of the command path exists once.
 */
import type { DescMessage, Message } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../clock.ts'
import type { Sequence } from '../identity.ts'
import type { Retention, StreamKey } from '../ledger/ledger.ts'
import type { RevocationResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type {
  CommandBook,
  EventBook,
  Notification,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Trigger } from './trigger.ts'

/** An event on its way into a state: its type, and its encoded message. */
export type EncodedEvent = {
  readonly sequence: Sequence
  readonly type: string
  readonly value: Uint8Array
}

/** A message on its way to a handler: decoded already, or still encoded. */
export type IncomingMessage = {
  readonly type: string
  readonly message?: Message | undefined
  readonly value?: Uint8Array | undefined
  /** When it happened, as a fact says. */
  readonly createdAt?: Nanoseconds | undefined
}

/** What a decision is about. */
export type DecisionSubject =
  | { readonly kind: 'command'; readonly command: IncomingMessage }
  | { readonly kind: 'fact'; readonly facts: readonly IncomingMessage[] }
  | { readonly kind: 'rejection'; readonly notification: Notification }
  | { readonly kind: 'trigger'; readonly trigger: Trigger }

/** One question. */
export type DecisionRequest = {
  readonly subject: DecisionSubject
  readonly key: StreamKey
  readonly correlationId: string
  readonly idempotencyKey: string | undefined
  readonly state: unknown
  readonly next: Sequence
  readonly time: Nanoseconds
  /** Where it belongs to in a trace, as a W3C `traceparent`. */
  readonly traceparent?: string | undefined
}

/** An event a handler has decided on. */
export type DecidedEvent = {
  readonly type: string
  readonly value: Uint8Array
  /** Set when the handler dated the event itself. */
  readonly createdAt?: Nanoseconds | undefined
  /** Set when the handler numbered the event itself; checked, never trusted. */
  readonly sequence?: Sequence | undefined
}

/** A state as a handler has written it down: bytes as of `capture`, and how long to keep them. */
export type WrittenState = { readonly state: Uint8Array; readonly retention: Retention }

/** What a reaction emits to others: facts go before commands. */
export type Outputs = {
  readonly facts: readonly EventBook[]
  readonly commands: readonly CommandBook[]
}

/** An answer. A rejection is thrown. */
export type Decision =
  | {
      readonly kind: 'events'
      readonly events: readonly DecidedEvent[]
      /** The state after these events, when the handler has written it down itself. */
      readonly snapshot?: WrittenState | undefined
      readonly outputs?: Outputs | undefined
      /** A process manager's wish about a rejection, beside its events. */
      readonly wish?: RevocationResponse | undefined
    }
  | { readonly kind: 'revocation'; readonly revocation: RevocationResponse }
  | { readonly kind: 'notification'; readonly notification: Notification }
  /** Nobody here has a handler for it. */
  | { readonly kind: 'unhandled' }

/** A state in a form whose fields can be compared. */
export type ComparableState = {
  readonly state: unknown
  /** Its schema, when it is a protobuf message. */
  readonly schema: DescMessage | undefined
}

/** Something that decides on a state folded from one stream. `state` is opaque to callers. */
export interface StatefulEndpoint {
  readonly domain: string
  /** Commands of a stale sequence may be compared field by field. */
  readonly supportsReplay: boolean
  /** The state's schema, when it is a protobuf message: needed for snapshots. */
  readonly stateSchema: DescMessage | undefined
  /** True when `restore` reads snapshots although the schema of the state is not known here. */
  readonly readsSnapshots?: boolean | undefined
  /** Events between two snapshots; `undefined` leaves it to the coordinator. */
  readonly snapshotEvery: number | undefined
  /** The state without events. */
  fresh(): unknown
  /** The state after one more event; may change the given state in place. */
  fold(state: unknown, event: EncodedEvent): unknown
  /** The state as bytes; `undefined` when it cannot be written down. */
  capture(state: unknown): Uint8Array | undefined
  /** A state from bytes of `capture`; `undefined` when they are of another type. */
  restore(bytes: Uint8Array): unknown
  /**
   * A state that can be compared field by field; `undefined` when nobody can tell its fields.
   * Default: the state itself.
   */
  comparable?(state: unknown): Promise<ComparableState | undefined>
  decide(request: DecisionRequest): Decision | Promise<Decision>
}

/** An aggregate, wherever it runs. */
export interface AggregateEndpoint extends StatefulEndpoint {
  /** True when facts are handed to the aggregate before they are stored. */
  readonly handlesFacts: boolean
  /** True when a fact of this type can be stored: it is handled, or no fact is handled at all. */
  admits(type: string): boolean
  /** True when somebody handles a command of this type. */
  accepts(type: string): boolean
}
