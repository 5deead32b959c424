/** Given its own events, when an event of a source: a test of a process manager. */
import { create, type Message } from '@bufbuild/protobuf'
import type { Process } from '../../component/define-process-manager.ts'
import type { Component, ProcessManagerDefinition } from '../../component/definition.ts'
import { definitionOf } from '../../component/definition-of.ts'
import { stateFolder } from '../../component/fold.ts'
import type { KnowsAny, KnownAs } from '../../component/known-types.ts'
import { ProcessManagerRouter } from '../../component/process-manager-router.ts'
import { codedError } from '../../errors.ts'
import type { Sequence } from '../../identity.ts'
import {
  ProcessManagerHandleRequestSchema,
  ProcessManagerHandleResponseSchema,
} from '../../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import {
  type CommandBook,
  type EventBook,
  EventBookSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
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
import { ProcessOutcome, type ProcessOutcomeResult } from './process-outcome.ts'
import { destinationsOf, rejectionBook } from './reaction-books.ts'
import { requireKind } from './require-kind.ts'

/** Where the event of a `when` comes from. */
export type GivenTrigger = {
  /** Domain of the event. Default: the first source of the process manager. */
  readonly domain?: string | undefined
  /** Root of the aggregate, or its business key. Default: the key of the scenario. */
  readonly key?: string | Uint8Array | undefined
  /** Sequence of the event. Default 0. */
  readonly sequence?: Sequence | undefined
}

/** Its own events, and what may happen then. Every method leaves the scenario as it is. */
export interface ProcessScenario<State extends object, Known extends KnowsAny> {
  /** Adds events to its own stream. */
  events(...events: readonly KnownAs<Known, 'applies' | 'emits'>[]): ProcessScenario<State, Known>
  /** Next sequences of target domains. Default: 0 for every target. */
  destinations(sequences: Readonly<Record<string, Sequence>>): ProcessScenario<State, Known>
  /**
   * An event of a source is stored.
   *
   * @throws CodedError `UNKNOWN_DOMAIN` for a domain that it does not follow
   */
  when(event: KnownAs<Known, 'handles'>, from?: GivenTrigger): ProcessOutcome<State>
  /** A command is refused; made by `command`. */
  whenRejected(
    refused: CommandBook,
    reason: string,
    options?: { readonly code?: string | undefined },
  ): ProcessOutcome<State>
}

/**
 * Begins a scenario of a process manager, as functions or as a class. Everything goes through its
 * router, encoded and decoded as a coordinator would send it; nothing is stored. A handler that
 * changes the state it is given fails with a `TypeError`.
 *
 * @throws CodedError `HANDLER_WRONG_REQUEST_KIND` for a component of another kind
 */
export function givenProcessManager<State extends object, Known extends KnowsAny>(
  process: Process<State, Known>,
  options?: ScenarioOptions,
): ProcessScenario<State, Known>
export function givenProcessManager<T extends object>(
  process: ComponentClass<T>,
  options?: ScenarioOptions,
): ProcessScenario<StateIn<T>, KnownIn<T>>
export function givenProcessManager(
  process: Component,
  options: ScenarioOptions = {},
): ProcessScenario<object, KnowsAny> {
  const definition = withFrozenStates(requireKind(definitionOf(process), 'process_manager'))
  return scenario({ definition, scene: sceneOf(options), history: [], destinations: {} })
}

type Given = {
  readonly definition: ProcessManagerDefinition
  readonly scene: Scene
  readonly history: readonly Message[]
  readonly destinations: Readonly<Record<string, Sequence>>
}

function scenario(given: Given): ProcessScenario<object, KnowsAny> {
  const outcome = (trigger: EventBook) =>
    new ProcessOutcome<object>(unchecked(() => react(given, trigger)))
  return {
    events: (...events) => scenario({ ...given, history: [...given.history, ...events] }),
    destinations: (destinations) => scenario({ ...given, destinations }),
    when: (event, from = {}) => outcome(triggerBook(given, event, from)),
    whenRejected: (refused, reason, { code } = {}) =>
      outcome(rejectionBook(refused, reason, { code, scene: given.scene })),
  }
}

function triggerBook({ definition, scene }: Given, event: Message, from: GivenTrigger): EventBook {
  const domain = from.domain ?? definition.sources[0] ?? ''
  if (!definition.sources.includes(domain)) {
    const hint = `${definition.label} follows ${definition.sources.join(', ')}.`
    throw codedError('UNKNOWN_DOMAIN', { details: { domain }, hint })
  }
  const cover = coverIn(domain, { ...scene, key: from.key ?? scene.key })
  return storedBook(cover, [event], scene, from.sequence)
}

async function react(given: Given, trigger: EventBook): Promise<ProcessOutcomeResult<object>> {
  const { definition, scene } = given
  const request = create(ProcessManagerHandleRequestSchema, {
    trigger,
    processState: ownBook(given, given.history),
    destinationSequences: destinationsOf(definition.targets, given.destinations),
  })
  const router = new ProcessManagerRouter([definition], { clock: scene.clock })
  const answer = await router.dispatch(sent(ProcessManagerHandleRequestSchema, request))
  const response = sent(ProcessManagerHandleResponseSchema, answer)
  const events = eventsIn(response.processEvents)
  const all = ownBook(given, [...given.history, ...events])
  return {
    events,
    commands: response.commands,
    facts: response.facts,
    state: stateFolder(definition).rebuild(sent(EventBookSchema, all)),
    forwarded: response.notification,
  }
}

/** A process manager's stream lies under its correlation id. */
function ownBook({ definition, scene }: Given, events: readonly Message[]): EventBook {
  const cover = coverIn(definition.pmDomain, { ...scene, key: scene.correlationId })
  return storedBook(cover, events, scene)
}
