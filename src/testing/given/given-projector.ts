/** When events, then rows: a test of a projector. */
import type { DescMessage, Message, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { ProjectorFunctions } from '../../component/define-projector.ts'
import type { Component, ProjectorDefinition } from '../../component/definition.ts'
import { definitionOf } from '../../component/definition-of.ts'
import { create } from '../../component/known-messages.ts'
import type { KnowsAny, KnownAs } from '../../component/known-types.ts'
import { type ProjectionStore, typedRows } from '../../component/projection-store.ts'
import { ProjectorRouter } from '../../component/projector-router.ts'
import { EventBookSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { WILDCARD_DOMAIN } from '../../wire/constants.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import { coverIn, type ScenarioOptions, type Scene, sceneOf, sent, storedBook } from './books.ts'
import { placeOf, plain, plainMessage, requireSame } from './compare.ts'
import type { ComponentClass, KnownIn } from './known-of-class.ts'
import { Outcome, unchecked } from './outcome.ts'
import { requireKind } from './require-kind.ts'

/** Where a projector's scenario takes place. */
export type ProjectorScenarioOptions = ScenarioOptions & {
  /** Domain of the events. Default: the first one it follows; for `*` it is `given`. */
  readonly domain?: string | undefined
}

/** Events that came before, and what may happen then. Every method leaves the scenario as it is. */
export interface ProjectorScenario<Known extends KnowsAny> {
  /** Events that are in the read model already. */
  events(...events: readonly KnownAs<Known, 'handles'>[]): ProjectorScenario<Known>
  /** Events are stored, in this order. */
  when(...events: readonly KnownAs<Known, 'handles'>[]): ProjectorOutcome
}

/**
 * Begins a scenario of a projector, as functions or as a class. Everything goes through its router,
 * encoded and decoded as a coordinator would send it; its rows are kept in memory.
 *
 * @throws CodedError `HANDLER_WRONG_REQUEST_KIND` for a component of another kind
 */
export function givenProjector<Known extends KnowsAny>(
  projector: ProjectorFunctions<Known>,
  options?: ProjectorScenarioOptions,
): ProjectorScenario<Known>
export function givenProjector<T extends object>(
  projector: ComponentClass<T>,
  options?: ProjectorScenarioOptions,
): ProjectorScenario<KnownIn<T>>
export function givenProjector(
  projector: Component,
  options: ProjectorScenarioOptions = {},
): ProjectorScenario<KnowsAny> {
  const definition = requireKind(definitionOf(projector), 'projector')
  const [first = ''] = definition.domains
  const domain = options.domain ?? (first === WILDCARD_DOMAIN ? 'given' : first)
  return scenario({ definition, domain, scene: sceneOf(options), history: [] })
}

type Given = {
  readonly definition: ProjectorDefinition
  readonly domain: string
  readonly scene: Scene
  readonly history: readonly Message[]
}

function scenario(given: Given): ProjectorScenario<KnowsAny> {
  const { history } = given
  return {
    events: (...events) => scenario({ ...given, history: [...history, ...events] }),
    when: (...events) => new ProjectorOutcome(unchecked(() => project(given, events))),
  }
}

async function project(given: Given, events: readonly Message[]): Promise<ProjectorResult> {
  const { definition, domain, scene, history } = given
  const rows = new Map<string, Uint8Array>()
  const router = new ProjectorRouter([definition], {
    clock: scene.clock,
    projection: storeOf(rows),
  })
  const cover = coverIn(domain, scene)
  const before = storedBook(cover, history, scene)
  const after = storedBook(cover, events, scene, history.length)
  await router.dispatch(sent(EventBookSchema, before))
  await router.dispatch(sent(EventBookSchema, after))
  return { rows }
}

function storeOf(kept: Map<string, Uint8Array>): ProjectionStore {
  const store = {
    get: async (key: string) => kept.get(key)?.slice(),
    put: (key: string, value: Uint8Array) => void kept.set(key, value.slice()),
    delete: (key: string) => void kept.delete(key),
  }
  return { ...store, rows: (schema) => typedRows(store, schema) }
}

/** The read model afterwards. */
export type ProjectorResult = {
  /** Rows by key, encoded as the projector left them. */
  readonly rows: ReadonlyMap<string, Uint8Array>
}

/** Expectations about a read model; each may follow the other. Await the last one. */
export class ProjectorOutcome extends Outcome<ProjectorResult> {
  /** This row under this key. */
  thenRow<S extends DescMessage>(
    key: string,
    schema: S,
    row: MessageInitShape<S>,
  ): ProjectorOutcome {
    const checked = this.also(placeOf(), ({ rows }, place) => {
      const found = rows.get(key)
      const actual = found === undefined ? undefined : plain(messageCodec(schema).decode(found))
      const what = `the row ${key} should be another one`
      requireSame(actual, plainMessage(create(schema, row)), what, place)
    })
    return new ProjectorOutcome(checked)
  }

  /** These rows by key, and no others. */
  thenRows<S extends DescMessage>(
    schema: S,
    expected: Readonly<Record<string, MessageInitShape<S>>>,
  ): ProjectorOutcome {
    const checked = this.also(placeOf(), ({ rows }, place) => {
      const codec = messageCodec(schema)
      const actual = [...rows].map(([key, bytes]): [string, unknown] => [
        key,
        plain(codec.decode(bytes)),
      ])
      const wanted = Object.entries<MessageInitShape<S>>(expected).map(
        ([key, row]): [string, unknown] => [key, plainMessage(rowOf(schema, row))],
      )
      requireSame(inOrder(actual), inOrder(wanted), 'there should be other rows', place)
    })
    return new ProjectorOutcome(checked)
  }

  /** No row under this key. */
  thenNoRow(key: string): ProjectorOutcome {
    const checked = this.also(placeOf(), ({ rows }, place) =>
      requireSame(rows.has(key), false, `there should be no row ${key}`, place),
    )
    return new ProjectorOutcome(checked)
  }
}

function rowOf<S extends DescMessage>(schema: S, row: MessageInitShape<S>): MessageShape<S> {
  return create(schema, row)
}

function inOrder(rows: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
