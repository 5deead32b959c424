/** What a handler is told beside its message and its state. All of it is data (P11). */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../clock.ts'
import type { Position, Sequence } from '../identity.ts'
import type {
  CommandBook,
  Compensate,
  Cover,
  EventBook,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { ProjectionStore } from './projection-store.ts'

/** Fourth argument of a command handler. */
export type CommandContext = {
  /** Whom the command is for. */
  readonly cover: Cover
  /** The workflow it belongs to; empty when there is none. */
  readonly correlationId: string
  /** When it is decided. The only clock a handler should read. */
  readonly time: Nanoseconds
  /** The key that makes it take effect once, when it has one. */
  readonly idempotencyKey?: string | undefined
}

/** Third argument of a fact handler. */
export type FactContext = CommandContext & {
  /** Sequence of the first event that the handler emits. */
  readonly sequence: Sequence
  /** Identifier given by the outside system, when it gave one. */
  readonly externalId: string | undefined
}

/** Third argument of a saga's handler, fourth of a process manager's: the trigger. */
export type SagaSource = {
  /** Cover of the triggering aggregate; `undefined` when the book has none. */
  readonly sourceCover: Cover | undefined
  /** Sequence of the triggering event. */
  readonly sourceSeq: Sequence
  /** The book; its last page is the trigger. */
  readonly sourceEvents: EventBook
}

/** Second argument of a projector's handler: where the event stands. */
export type ProjectionContext = {
  /** The aggregate of the event; `undefined` when the book has no cover. */
  readonly cover: Cover | undefined
  readonly sequence: Sequence
  /** Where the event stands in the log; `undefined` when a remote coordinator sent it. */
  readonly position?: Position | undefined
  readonly correlationId: string
  /** When the event happened; `undefined` when nobody knows. */
  readonly createdAt: Nanoseconds | undefined
  /** True for a try whose effects must not stay. */
  readonly speculative: boolean
  /** Rows that are committed with the checkpoint. */
  readonly projection: ProjectionStore
}

/** What a `rejected` handler is told about the command that was refused. */
export type Rejection<S extends DescMessage = DescMessage> = {
  /**
   * The refused command, decoded when it is read.
   *
   * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes, `MESSAGE_SCHEMA_UNKNOWN` when
   *   the handler was declared by name and nothing in this process mentions the schema
   */
  readonly command: MessageShape<S>
  /** Why it was refused. */
  readonly reason: string
  /** Code of the refusal; empty when there is none. */
  readonly code: string
  /** The whole book; the header of its first page says where the command came from. */
  readonly commandBook: CommandBook
}

/** What an `undoes` handler is told: the request, with what it undoes. */
export type Undo = {
  /** Why. */
  readonly reason: string
  /** Sequences of the events to compensate. */
  readonly sequences: readonly Sequence[]
  readonly compensate: Compensate
}
