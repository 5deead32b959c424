/** A process manager written as functions. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { StateArgument, StateOf } from './checked-methods.ts'
import { checkOptions, type ProcessManagerOptions } from './component-options.ts'
import type { ComponentSource, ProcessManagerDefinition } from './definition.ts'
import type { Destinations } from './destinations.ts'
import { type AnyFunction, type EntryList, newEntries } from './entry-list.ts'
import type { Rejection, SagaSource } from './handler-context.ts'
import type { AppliedState, ProcessRejectionResult, ProcessResult } from './handler-results.ts'
import type { Emitted, Knows, KnowsAny, KnowsMessages } from './known-types.ts'
import { makeProcessManager } from './make-definition.ts'

/**
 * A process manager under construction; every method returns a new one. `Known` gathers the messages
 * it takes and gives, so that a test of it is typed.
 */
export interface Process<State extends object, Known extends KnowsAny = KnowsAny>
  extends ComponentSource, KnowsMessages<Known> {
  readonly definition: ProcessManagerDefinition
  /**
   * Reacts to events of a type; several for one type run in order. The state is for reading: only
   * appliers may change it, because the engine keeps it for the next event.
   */
  handles<M extends DescMessage>(
    schema: M,
    react: (
      event: MessageShape<M>,
      state: State,
      destinations: Destinations,
      source: SagaSource,
    ) => ProcessResult,
  ): Process<State, Known | Knows<'handles', MessageShape<M>>>
  /** Folds its own events into the state, in place or by returning the state that replaces it. */
  applies<M extends DescMessage>(
    schema: M,
    apply: (state: State, event: MessageShape<M>) => AppliedState<State>,
  ): Process<State, Known | Knows<'applies', MessageShape<M>>>
  /**
   * Answers the refusal of a command that it emitted. It must not change the state it is given, see
   * {@link handles}.
   */
  rejected<
    M extends DescMessage = DescMessage,
    R extends ProcessRejectionResult = ProcessRejectionResult,
  >(
    domain: string,
    command: M | string,
    compensate: (notification: Notification, state: State, rejection: Rejection<M>) => R,
  ): Process<State, Known | Knows<'emits', Emitted<R>>>
  /** Makes the state that a fold begins with. */
  stateFactory(make: () => State): Process<State, Known>
}

/**
 * Begins a process manager (Angzarr client: `process_manager`).
 *
 * @throws CodedError `COMPONENT_OPTION_INVALID` for a missing option, or a sync target that is no
 *   target
 */
export function defineProcessManager<const S extends StateArgument>(
  options: ProcessManagerOptions<S>,
): Process<StateOf<S> & object, never> {
  checkOptions({ kind: 'process_manager', options })
  return processManager(options, newEntries())
}

function processManager<State extends object, Known extends KnowsAny>(
  options: ProcessManagerOptions,
  list: EntryList,
): Process<State, Known> {
  const next = <Grown extends KnowsAny>(grown: EntryList): Process<State, Grown> =>
    processManager(options, grown)
  return {
    definition: makeProcessManager(options, list.body(options.name)),
    handles: (schema, react) => next(list.add({ role: 'handles', schema }, react)),
    applies: (schema, apply) => next(list.add({ role: 'applies', schema }, apply)),
    rejected: (domain, command, compensate: AnyFunction) =>
      next(list.add({ role: 'rejected', domain, command }, compensate)),
    stateFactory: (make) => next(list.add({ role: 'stateFactory' }, make)),
  }
}
