/** When an old event, then a new one: a test of an upcaster. */
import { create, type Message } from '@bufbuild/protobuf'
import type { UpcasterFunctions } from '../../component/define-upcaster.ts'
import type { Component, UpcasterDefinition } from '../../component/definition.ts'
import { definitionOf } from '../../component/definition-of.ts'
import type { KnowsAny, KnownAs } from '../../component/known-types.ts'
import { UpcasterRouter } from '../../component/upcaster-router.ts'
import {
  UpcastRequestSchema,
  UpcastResponseSchema,
} from '../../proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { EventBookSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { coverIn, eventsIn, type Scene, sceneOf, sent, storedBook } from './books.ts'
import { placeOf } from './compare.ts'
import type { ComponentClass, KnownIn } from './known-of-class.ts'
import { Outcome, unchecked } from './outcome.ts'
import { requireKind } from './require-kind.ts'
import { requireEvents } from './same-messages.ts'

/** What may be read by newer code. */
export interface UpcasterScenario<Known extends KnowsAny> {
  /** Events that were stored by older code are read, in this order. */
  when(
    ...events: readonly (KnownAs<Known, 'upcasts'> | KnownAs<Known, 'emits'>)[]
  ): UpcasterOutcome<KnownAs<Known, 'emits'>>
}

/**
 * Begins a scenario of an upcaster, as functions or as a class. Everything goes through its router,
 * encoded and decoded as a coordinator would send it.
 *
 * @throws CodedError `HANDLER_WRONG_REQUEST_KIND` for a component of another kind
 */
export function givenUpcaster<Known extends KnowsAny>(
  upcaster: UpcasterFunctions<Known>,
): UpcasterScenario<Known>
export function givenUpcaster<T extends object>(
  upcaster: ComponentClass<T>,
): UpcasterScenario<KnownIn<T>>
export function givenUpcaster(upcaster: Component): UpcasterScenario<KnowsAny> {
  const definition = requireKind(definitionOf(upcaster), 'upcaster')
  const scene = sceneOf({})
  return {
    when: (...events) => new UpcasterOutcome(unchecked(() => renew(definition, scene, events))),
  }
}

async function renew(
  definition: UpcasterDefinition,
  scene: Scene,
  events: readonly Message[],
): Promise<UpcasterResult<Message>> {
  const { domain } = definition
  const { pages } = storedBook(coverIn(domain, scene), events, scene)
  const request = create(UpcastRequestSchema, { domain, events: pages })
  const router = new UpcasterRouter([definition])
  const response = await router.dispatch(sent(UpcastRequestSchema, request))
  const renewed = sent(UpcastResponseSchema, response).events
  return { events: eventsIn([create(EventBookSchema, { pages: renewed })]) }
}

/** The events as newer code reads them. */
export type UpcasterResult<Event> = { readonly events: readonly Event[] }

/** Expectations about renewed events. Await the last one. */
export class UpcasterOutcome<Event extends Message> extends Outcome<UpcasterResult<Event>> {
  /** These events, in this order, and no others. */
  thenEvents(...expected: readonly Event[]): UpcasterOutcome<Event> {
    const checked = this.also(placeOf(), ({ events }, place) =>
      requireEvents(events, expected, 'the events should be read as others', place),
    )
    return new UpcasterOutcome(checked)
  }
}
