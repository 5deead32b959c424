/**
 * Which messages a component written as functions takes and gives, known to the compiler only: the
 * definition keeps schemas, and a type would forget them. Tests are typed by it.
 */
import type { Message } from '@bufbuild/protobuf'
import type { BusinessResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { PMRevocationResponse } from './compensation.ts'
import type {
  ProcessManagerResponse,
  RejectionHandlerResponse,
  SagaHandlerResponse,
} from './handler-responses.ts'

/** What a message is to a component; `emits` is what its handlers return. */
export type MessageRole = 'handles' | 'handlesFact' | 'applies' | 'undoes' | 'upcasts' | 'emits'

/** A component knows a message in a role; several make a union. */
export type Knows<Role extends MessageRole, M extends Message> = {
  readonly role: Role
  readonly message: M
}

/** Of a component about which nothing is known: any message in any role. */
export type KnowsAny = { [Role in MessageRole]: Knows<Role, Message> }[MessageRole]

declare const known: unique symbol

/**
 * Carries what is known; nothing of it exists at run time. It is a method because a method's
 * parameters may vary both ways: a variable that holds the first piece of a component may be given
 * the grown one.
 */
export interface KnowsMessages<Known extends KnowsAny> {
  [known]?(messages: Known): void
}

/** The messages that are known in a role. */
export type KnownAs<Known extends KnowsAny, Role extends MessageRole> = Extract<
  Known,
  { readonly role: Role }
>['message']

/** The events in what a handler returns; any message when it returns a ready book or response. */
export type Emitted<Result> = EventsIn<Awaited<Result>>

type EventsIn<R> = R extends readonly (infer Item)[]
  ? EventsIn<Item>
  : R extends Ready
    ? Message
    : R extends Message
      ? R
      : never

type Ready =
  | EventBook
  | BusinessResponse
  | RejectionHandlerResponse
  | PMRevocationResponse
  | ProcessManagerResponse
  | SagaHandlerResponse
