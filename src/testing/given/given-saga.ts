/** Given a saga, when an event: a test of a saga that reads like prose. */
import { create, type Message } from '@bufbuild/protobuf'
import type { SagaTranslation } from '../../component/define-saga.ts'
import type { Component, SagaDefinition } from '../../component/definition.ts'
import { definitionOf } from '../../component/definition-of.ts'
import type { KnowsAny, KnownAs } from '../../component/known-types.ts'
import { SagaRouter } from '../../component/saga-router.ts'
import type { Sequence } from '../../identity.ts'
import {
  SagaHandleRequestSchema,
  SagaResponseSchema,
} from '../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { CommandBook, EventBook } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { coverIn, type ScenarioOptions, type Scene, sceneOf, sent, storedBook } from './books.ts'
import type { ComponentClass, KnownIn } from './known-of-class.ts'
import { unchecked } from './outcome.ts'
import { destinationsOf, rejectionBook } from './reaction-books.ts'
import { ReactionOutcome, type ReactionResult } from './reaction-outcome.ts'
import { requireKind } from './require-kind.ts'

/** What a saga may see, and what may happen then. Every method leaves the scenario as it is. */
export interface SagaScenario<Known extends KnowsAny> {
  /** Events of the same aggregate that came before. */
  events(...events: readonly Message[]): SagaScenario<Known>
  /** Next sequences of target domains. Default: 0 for the target of the saga. */
  destinations(sequences: Readonly<Record<string, Sequence>>): SagaScenario<Known>
  /** An event of the source domain is stored. */
  when(event: KnownAs<Known, 'handles'>): ReactionOutcome
  /** A command is refused; made by `command`. */
  whenRejected(
    refused: CommandBook,
    reason: string,
    options?: { readonly code?: string | undefined },
  ): ReactionOutcome
}

/**
 * Begins a scenario of a saga, as functions or as a class. Everything goes through its router,
 * encoded and decoded as a coordinator would send it.
 *
 * @throws CodedError `HANDLER_WRONG_REQUEST_KIND` for a component of another kind
 */
export function givenSaga<Known extends KnowsAny>(
  saga: SagaTranslation<Known>,
  options?: ScenarioOptions,
): SagaScenario<Known>
export function givenSaga<T extends object>(
  saga: ComponentClass<T>,
  options?: ScenarioOptions,
): SagaScenario<KnownIn<T>>
export function givenSaga(saga: Component, options: ScenarioOptions = {}): SagaScenario<KnowsAny> {
  const definition = requireKind(definitionOf(saga), 'saga')
  return scenario({ definition, scene: sceneOf(options), history: [], destinations: {} })
}

type Given = {
  readonly definition: SagaDefinition
  readonly scene: Scene
  readonly history: readonly Message[]
  readonly destinations: Readonly<Record<string, Sequence>>
}

function scenario(given: Given): SagaScenario<KnowsAny> {
  const { definition, scene, history } = given
  const outcome = (source: EventBook) =>
    new ReactionOutcome(unchecked(() => translate(given, source)))
  return {
    events: (...events) => scenario({ ...given, history: [...history, ...events] }),
    destinations: (destinations) => scenario({ ...given, destinations }),
    when: (event) =>
      outcome(storedBook(coverIn(definition.source, scene), [...history, event], scene)),
    whenRejected: (refused, reason, { code } = {}) =>
      outcome(rejectionBook(refused, reason, { code, scene })),
  }
}

async function translate(given: Given, source: EventBook): Promise<ReactionResult> {
  const { definition, scene, destinations } = given
  const destinationSequences = destinationsOf([definition.target], destinations)
  const request = create(SagaHandleRequestSchema, { source, destinationSequences })
  const router = new SagaRouter([definition], { clock: scene.clock })
  const response = await router.dispatch(sent(SagaHandleRequestSchema, request))
  const { commands, events } = sent(SagaResponseSchema, response)
  return { commands, facts: events }
}
