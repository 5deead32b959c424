/**
 * The method decorators: `handles`, `handlesFact`, `applies`, `rejected`, `undoes`, `upcasts` and
 * `stateFactory`. They are standard decorators; the message parameter is checked here, state and
 * result by the decorator of the class.
 */
import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf'
import type { Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { requireDecorated } from './decorator-context.ts'
import type { FactContext, Rejection } from './handler-context.ts'
import type { Awaitable } from '../awaitable.ts'
import type { Wrong } from './checked-methods.ts'
import { beginEvaluation, recordRole, type Role } from './roles.ts'
import type { SchemaOrName } from './schema-or-name.ts'

/** Where a role may stand: on a public method of instances. */
export type MethodContext<This> = ClassMethodDecoratorContext<This> & {
  readonly private: false
  readonly static: false
  readonly name: keyof This
}

/** Decorates a method of the given shape. */
export type RoleDecorator<Method extends AnyMethod> = <This>(
  value: (this: This, ...args: Parameters<Method>) => ReturnType<Method>,
  context: MethodContext<This>,
) => void

type AnyMethod = (...args: never[]) => unknown

/** A method whose first parameter takes the message of a schema. */
type MessageMethod<S extends DescMessage> = (message: MessageShape<S>, ...rest: never[]) => unknown

/**
 * Gives a method the messages of a type: commands of a command handler, events of any other
 * component (Angzarr client: `handles`). A state it is given is for reading: only appliers may
 * change it, because the engine keeps it for the next command or event.
 *
 * @throws CodedError `DECORATOR_ROLE_TAKEN`, `DECORATOR_MISPLACED`, `DECORATOR_LEGACY`
 */
export function handles<S extends DescMessage>(schema: S): RoleDecorator<MessageMethod<S>> {
  return methodDecorator({ role: 'handles', schema })
}

/**
 * Gives a method the facts of a type, events that come from outside (Angzarr client:
 * `handles_fact`). It cannot refuse them, and must not change the state it is given.
 *
 * @throws CodedError as {@link handles}
 */
export function handlesFact<S extends DescMessage>(
  schema: S,
): RoleDecorator<(event: MessageShape<S>, state: never, context: FactContext) => unknown> {
  return methodDecorator({ role: 'handlesFact', schema })
}

/**
 * Lets a method fold events of a type into the state (Angzarr client: `applies`). It changes the
 * state in place, or returns the one that replaces it; it is never asynchronous.
 *
 * @throws CodedError as {@link handles}
 */
export function applies<S extends DescMessage>(
  schema: S,
): RoleDecorator<(state: never, event: MessageShape<S>) => unknown> {
  return methodDecorator({ role: 'applies', schema })
}

/**
 * Calls a method when a command that this component caused was refused (Angzarr client:
 * `rejected`). It must not change the state it is given. A name without a dot is the last part of
 * the command's type name.
 *
 * @param domain of the refused command
 * @throws CodedError as {@link handles}
 */
export function rejected<S extends DescMessage = DescMessage>(
  domain: string,
  command: S | string,
): <This, Method extends (this: This, notification: Notification, ...rest: never[]) => unknown>(
  value: Method & RejectionMethod<Method, S>,
  context: MethodContext<This>,
) => void {
  return methodDecorator({ role: 'rejected', domain, command })
}

/**
 * Lets a method undo what commands of a type did, when a cascade that compensates asks for it: by
 * events. It must not change the state it is given.
 *
 * @throws CodedError as {@link handles}
 */
export function undoes<S extends DescMessage>(
  command: S,
): RoleDecorator<(notification: Notification, ...rest: never[]) => unknown> {
  return methodDecorator({ role: 'undoes', schema: command })
}

/**
 * Lets a method turn events of one type into their newer form (Angzarr client: `upcasts`). The
 * message it returns decides about its type; `to` documents it, and gives the schema to encode it.
 *
 * @throws CodedError as {@link handles}
 */
export function upcasts<From extends SchemaOrName, To extends SchemaOrName>(
  from: From,
  to: To,
): RoleDecorator<(old: OldMessage<From>) => Awaitable<NewMessage<To>>> {
  return methodDecorator({ role: 'upcasts', from, to })
}

/** What an upcaster takes: the message of a schema; for a name, what its author says it is. */
export type OldMessage<S> = S extends DescMessage ? MessageShape<S> : never
/** What an upcaster returns: the message of a schema; for a name, any message. */
export type NewMessage<S> = S extends DescMessage ? MessageShape<S> : Message

/**
 * Lets a method make the state that a fold begins with, instead of an empty one (Angzarr client:
 * `state_factory`).
 *
 * @throws CodedError as {@link handles}
 */
export function stateFactory<This>(
  value: (this: This) => object,
  context: MethodContext<This>,
): void {
  requireDecorated(value, context, 'method')
  recordRole(value, context.name, { role: 'stateFactory' }, undefined)
}

function methodDecorator(role: Role): (value: object, context: MethodContext<never>) => void {
  const evaluated = beginEvaluation()
  return (value, context) => {
    requireDecorated(value, context, 'method')
    recordRole(value, context.name, role, evaluated)
  }
}

/** A saga's method takes (notification, rejection), the others (notification, state, rejection). */
type RejectionMethod<Method, S extends DescMessage> = Method extends (
  notification: Notification,
  second: infer Second,
  third: infer Third,
  ...rest: never[]
) => unknown
  ? unknown extends Third
    ? RejectionParameter<Second, S>
    : [Rejection<S>] extends [Third]
      ? unknown
      : Wrong<'its rejection parameter is not the rejection of this command'>
  : unknown

/** A second parameter that has a command and is no message must be the rejection. */
type RejectionParameter<P, S extends DescMessage> = unknown extends P
  ? unknown
  : P extends { readonly $typeName: string }
    ? unknown
    : P extends { readonly command: unknown }
      ? [Rejection<S>] extends [P]
        ? unknown
        : Wrong<'its rejection parameter is not the rejection of this command'>
      : unknown
