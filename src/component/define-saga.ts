/** A saga written as functions. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { checkOptions, type SagaOptions } from './component-options.ts'
import type { ComponentSource, SagaDefinition } from './definition.ts'
import type { Destinations } from './destinations.ts'
import { type AnyFunction, type EntryList, newEntries } from './entry-list.ts'
import type { Rejection, SagaSource } from './handler-context.ts'
import type { SagaRejectionResult, SagaResult } from './handler-results.ts'
import type { Knows, KnowsAny, KnowsMessages } from './known-types.ts'
import { makeSaga } from './make-definition.ts'

/**
 * A saga under construction; every method returns a new one. `Known` gathers the events it takes, so
 * that a test of it is typed.
 */
export interface SagaTranslation<Known extends KnowsAny = KnowsAny>
  extends ComponentSource, KnowsMessages<Known> {
  readonly definition: SagaDefinition
  /** Turns events of a type into commands and facts; several for one type run in order. */
  handles<M extends DescMessage>(
    schema: M,
    translate: (
      event: MessageShape<M>,
      destinations: Destinations,
      source: SagaSource,
    ) => SagaResult,
  ): SagaTranslation<Known | Knows<'handles', MessageShape<M>>>
  /** Answers the refusal of a command in another domain. */
  rejected<M extends DescMessage = DescMessage>(
    domain: string,
    command: M | string,
    compensate: (notification: Notification, rejection: Rejection<M>) => SagaRejectionResult,
  ): SagaTranslation<Known>
}

/**
 * Begins a saga (Angzarr client: `saga`).
 *
 * @throws CodedError `COMPONENT_OPTION_INVALID` for a missing option
 */
export function defineSaga(options: SagaOptions): SagaTranslation<never> {
  checkOptions({ kind: 'saga', options })
  return translation(options, newEntries())
}

function translation<Known extends KnowsAny>(
  options: SagaOptions,
  list: EntryList,
): SagaTranslation<Known> {
  const next = <Grown extends KnowsAny>(grown: EntryList): SagaTranslation<Grown> =>
    translation(options, grown)
  return {
    definition: makeSaga(options, list.body(options.name)),
    handles: (schema, translate) => next(list.add({ role: 'handles', schema }, translate)),
    rejected: (domain, command, compensate: AnyFunction) =>
      next(list.add({ role: 'rejected', domain, command }, compensate)),
  }
}
