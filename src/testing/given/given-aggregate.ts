/** Given events, when a command: a test of an aggregate that reads like prose. */
import { create, type DescMessage, type Message, type MessageShape } from '@bufbuild/protobuf'
import { CommandHandlerRouter } from '../../component/command-handler-router.ts'
import type { Aggregate } from '../../component/define-aggregate.ts'
import type { AggregateDefinition, Component } from '../../component/definition.ts'
import { definitionOf } from '../../component/definition-of.ts'
import { stateFolder } from '../../component/fold.ts'
import type { KnowsAny, KnownAs } from '../../component/known-types.ts'
import { packMessage } from '../../component/pack-events.ts'
import type { Sequence } from '../../identity.ts'
import {
  BusinessResponseSchema,
  type BusinessResponse,
  FactRequestSchema,
} from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type CommandBook,
  CompensateSchema,
  ContextualCommandSchema,
  EventBookSchema,
  type EventBook,
  NotificationSchema,
  type PageHeader,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../wire/any.ts'
import { newCommandBook, newCommandPage } from '../../wire/book.ts'
import { externalHeader } from '../../wire/header.ts'
import { now } from '../../wire/timestamp.ts'
import { makeRejectionCommand } from '../rejection-builders.ts'
import { AggregateOutcome, type AggregateResult } from './aggregate-outcome.ts'
import {
  coverIn,
  eventsIn,
  type ScenarioOptions,
  type Scene,
  sceneOf,
  sent,
  storedBook,
} from './books.ts'
import { withFrozenStates } from './frozen-state.ts'
import type { ComponentClass, KnownIn, StateIn } from './known-of-class.ts'
import { unchecked } from './outcome.ts'
import { requireKind } from './require-kind.ts'

/** What a command or fact may say beside its message. */
export type GivenKey = {
  /** The key that makes it take effect once. Default: none. */
  readonly externalId?: string | undefined
}

/** A history, and what may happen then. Every method leaves the scenario as it is. */
export interface AggregateScenario<State extends object, Known extends KnowsAny> {
  /** Adds events to the history. */
  events(...events: readonly KnownAs<Known, 'applies' | 'emits'>[]): AggregateScenario<State, Known>
  /** A command arrives. */
  when(
    command: KnownAs<Known, 'handles'>,
    options?: GivenKey,
  ): AggregateOutcome<State, KnownAs<Known, 'emits'>>
  /** A fact arrives, an event from outside. */
  whenFact(
    event: KnownAs<Known, 'handlesFact'>,
    options?: GivenKey,
  ): AggregateOutcome<State, KnownAs<Known, 'emits'>>
  /** A command that its events have caused elsewhere is refused; made by `command`. */
  whenRejected(
    refused: CommandBook,
    reason: string,
    options?: { readonly code?: string | undefined },
  ): AggregateOutcome<State, KnownAs<Known, 'emits'>>
  /** A cascade that compensates asks to undo a command that was carried out (COMPENSATE). */
  whenUndone<S extends DescMessage>(
    schema: MessageShape<S> extends KnownAs<Known, 'undoes'> ? S : never,
    request?: UndoRequest,
  ): AggregateOutcome<State, KnownAs<Known, 'emits'>>
}

/** What is to be undone. */
export type UndoRequest = {
  /** Default `given`. */
  readonly reason?: string | undefined
  /** Sequences of the events to undo. Default: all of the history. */
  readonly sequences?: readonly Sequence[] | undefined
}

/**
 * Begins a scenario of an aggregate, as functions or as a class. Everything goes through its router,
 * encoded and decoded as a coordinator would send it; nothing is stored. A handler that
 * changes the state it is given fails with a `TypeError`.
 *
 * @throws CodedError `HANDLER_WRONG_REQUEST_KIND` for a component of another kind
 */
export function givenAggregate<State extends object, Known extends KnowsAny>(
  aggregate: Aggregate<State, Known>,
  options?: ScenarioOptions,
): AggregateScenario<State, Known>
export function givenAggregate<T extends object>(
  aggregate: ComponentClass<T>,
  options?: ScenarioOptions,
): AggregateScenario<StateIn<T>, KnownIn<T>>
export function givenAggregate(
  aggregate: Component,
  options: ScenarioOptions = {},
): AggregateScenario<object, KnowsAny> {
  const definition = withFrozenStates(requireKind(definitionOf(aggregate), 'command_handler'))
  return scenario({ definition, scene: sceneOf(options), history: [] })
}

type Given = {
  readonly definition: AggregateDefinition
  readonly scene: Scene
  readonly history: readonly Message[]
}

function scenario(given: Given): AggregateScenario<object, KnowsAny> {
  const { definition, scene, history } = given
  const cover = coverIn(definition.domain, scene)
  const outcome = (run: () => Promise<AggregateResult<object, Message>>) =>
    new AggregateOutcome<object, Message>(unchecked(run))
  return {
    events: (...events) => scenario({ ...given, history: [...history, ...events] }),
    when: (command, { externalId } = {}) => {
      const page = newCommandPage(history.length, packMessage(command))
      if (externalId !== undefined) page.header = externalHeader(externalId)
      return outcome(() => decide(given, newCommandBook(cover, [page])))
    },
    whenFact: (event, { externalId } = {}) => {
      const header = externalId === undefined ? undefined : externalHeader(externalId)
      return outcome(() => admit(given, event, header))
    },
    whenRejected: (refused, reason, { code } = {}) => {
      const rejection = makeRejectionCommand(refused, reason, { code, clock: scene.clock })
      return outcome(() => decide(given, { ...rejection, cover }))
    },
    whenUndone: ({ typeName }: DescMessage, { reason = 'given', sequences } = {}) => {
      const compensate = create(CompensateSchema, {
        target: cover,
        sequences: [...(sequences ?? history.keys())],
        reason,
        commandType: typeName,
      })
      const notification = create(NotificationSchema, {
        cover,
        payload: packAny(CompensateSchema, compensate),
        sentAt: now(scene.clock),
      })
      const page = newCommandPage(history.length, packAny(NotificationSchema, notification))
      return outcome(() => decide(given, newCommandBook(cover, [page])))
    },
  }
}

async function decide(
  given: Given,
  command: CommandBook,
): Promise<AggregateResult<object, Message>> {
  const request = create(ContextualCommandSchema, { command, events: bookOf(given) })
  const response = await routerOf(given).dispatch(sent(ContextualCommandSchema, request))
  return resultOf(given, sent(BusinessResponseSchema, response))
}

async function admit(
  given: Given,
  event: Message,
  header: PageHeader | undefined,
): Promise<AggregateResult<object, Message>> {
  const facts = create(EventBookSchema, {
    cover: coverIn(given.definition.domain, given.scene),
    pages: [{ payload: { case: 'event', value: packMessage(event) }, ...(header && { header }) }],
  })
  const request = create(FactRequestSchema, { facts, priorEvents: bookOf(given) })
  const book = await routerOf(given).dispatchFact(sent(FactRequestSchema, request))
  return withEvents(given, sent(EventBookSchema, book))
}

function resultOf(given: Given, { result }: BusinessResponse): AggregateResult<object, Message> {
  if (result.case === 'events') return withEvents(given, result.value)
  const nothing = withEvents(given, create(EventBookSchema))
  if (result.case === 'revocation') return { ...nothing, revocation: result.value }
  if (result.case === 'notification') return { ...nothing, forwarded: result.value }
  return nothing
}

/** The events that came out, and the state after all of them, folded as the engine folds. */
function withEvents(given: Given, book: EventBook): AggregateResult<object, Message> {
  const events = eventsIn([book])
  const all = storedBook(
    coverIn(given.definition.domain, given.scene),
    [...given.history, ...events],
    given.scene,
  )
  return { events, state: stateFolder(given.definition).rebuild(sent(EventBookSchema, all)) }
}

function bookOf({ definition, scene, history }: Given): EventBook {
  return storedBook(coverIn(definition.domain, scene), history, scene)
}

function routerOf({ definition, scene: { clock } }: Given): CommandHandlerRouter {
  return new CommandHandlerRouter([definition], { clock })
}
