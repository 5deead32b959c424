/** An aggregate written as functions; types are inferred and no decorator has to be compiled. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import type { Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { StateArgument, StateOf } from './checked-methods.ts'
import { checkOptions, type CommandHandlerOptions } from './component-options.ts'
import type { AggregateDefinition, ComponentSource } from './definition.ts'
import { type AnyFunction, type EntryList, newEntries } from './entry-list.ts'
import type { CommandContext, FactContext, Rejection, Undo } from './handler-context.ts'
import type { AppliedState, CommandResult, FactResult, RejectionResult } from './handler-results.ts'
import type { Emitted, Knows, KnowsAny, KnowsMessages } from './known-types.ts'
import { makeAggregate } from './make-definition.ts'

/**
 * An aggregate under construction; every method returns a new one. `Known` gathers the messages it
 * takes and gives, so that a test of it is typed.
 */
export interface Aggregate<State extends object, Known extends KnowsAny = KnowsAny>
  extends ComponentSource, KnowsMessages<Known> {
  readonly definition: AggregateDefinition
  /**
   * Decides commands of a type. Claiming one twice fails where the component is built. The state is
   * for reading: only appliers may change it, because the engine keeps it for the next command.
   */
  handles<M extends DescMessage, R extends CommandResult>(
    schema: M,
    decide: (
      command: MessageShape<M>,
      state: State,
      sequence: Sequence,
      context: CommandContext,
    ) => R,
  ): Aggregate<State, Known | Knows<'handles', MessageShape<M>> | Knows<'emits', Emitted<R>>>
  /**
   * Turns facts of a type, events from outside, into events of its own. It must not change the
   * state it is given, see {@link handles}.
   */
  handlesFact<M extends DescMessage, R extends FactResult>(
    schema: M,
    admit: (event: MessageShape<M>, state: State, context: FactContext) => R,
  ): Aggregate<State, Known | Knows<'handlesFact', MessageShape<M>> | Knows<'emits', Emitted<R>>>
  /** Folds events of a type into the state, in place or by returning the state that replaces it. */
  applies<M extends DescMessage>(
    schema: M,
    apply: (state: State, event: MessageShape<M>) => AppliedState<State>,
  ): Aggregate<State, Known | Knows<'applies', MessageShape<M>>>
  /**
   * Answers the refusal of a command that this aggregate's events caused in another domain. It must
   * not change the state it is given, see {@link handles}.
   */
  rejected<M extends DescMessage = DescMessage, R extends RejectionResult = RejectionResult>(
    domain: string,
    command: M | string,
    compensate: (notification: Notification, state: State, rejection: Rejection<M>) => R,
  ): Aggregate<State, Known | Knows<'emits', Emitted<R>>>
  /**
   * Undoes what commands of a type did, when a cascade that compensates asks for it: by events. It
   * must not change the state it is given, see {@link handles}.
   */
  undoes<M extends DescMessage, R extends RejectionResult>(
    command: M,
    undo: (notification: Notification, state: State, request: Undo) => R,
  ): Aggregate<State, Known | Knows<'undoes', MessageShape<M>> | Knows<'emits', Emitted<R>>>
  /** Makes the state that a fold begins with. */
  stateFactory(make: () => State): Aggregate<State, Known>
}

/**
 * Begins an aggregate (Angzarr client: `command_handler`).
 *
 * @throws CodedError `COMPONENT_OPTION_INVALID` for a missing option
 */
export function defineAggregate<const S extends StateArgument>(
  options: CommandHandlerOptions<S>,
): Aggregate<StateOf<S> & object, never> {
  checkOptions({ kind: 'command_handler', options })
  return aggregate(options, newEntries())
}

function aggregate<State extends object, Known extends KnowsAny>(
  options: CommandHandlerOptions,
  list: EntryList,
): Aggregate<State, Known> {
  const next = <Grown extends KnowsAny>(grown: EntryList): Aggregate<State, Grown> =>
    aggregate(options, grown)
  return {
    definition: makeAggregate(options, list.body(`aggregate ${options.domain}`)),
    handles: (schema, decide) => next(list.add({ role: 'handles', schema }, decide)),
    handlesFact: (schema, admit) => next(list.add({ role: 'handlesFact', schema }, admit)),
    applies: (schema, apply) => next(list.add({ role: 'applies', schema }, apply)),
    rejected: (domain, command, compensate: AnyFunction) =>
      next(list.add({ role: 'rejected', domain, command }, compensate)),
    undoes: (schema, undo) => next(list.add({ role: 'undoes', schema }, undo)),
    stateFactory: (make) => next(list.add({ role: 'stateFactory' }, make)),
  }
}
