/**
 * The fold: from events to the state of an aggregate or process manager.
 *
 * 1. Unknown types are skipped without being decoded; so are pages without an inline event.
 * 2. A snapshot counts when its state is of the declared message type; then pages with an explicit
 *    sequence up to the snapshot's are skipped, and pages without one are applied.
 * 3. The book that is folded is never changed, and every fold begins with a state of its own.
 */
import { create, type DescMessage, type Message } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import type {
  EventBook,
  EventPage,
  Snapshot,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeUrl } from '../wire/type-url.ts'
import { decodePayload, unpackExact } from './decode-payload.ts'
import type {
  AggregateDefinition,
  EntryFunction,
  ProcessManagerDefinition,
  StateType,
} from './definition.ts'
import { dispatchError, typeNameOf } from './errors.ts'
import { isPromise } from '../awaitable.ts'
import { isSchema } from './schema-or-name.ts'

/** A definition that has a state. */
export type StatefulDefinition = AggregateDefinition | ProcessManagerDefinition

/**
 * Applies an event: in place, or by answering with the state that replaces it.
 *
 * @throws DispatchError `HANDLER_WRONG_RESPONSE_KIND` for an asynchronous applier
 */
export type Applier = (state: object, event: Message, self?: object) => object

/**
 * Folds the events of one definition. `self` is the instance whose methods are called; without one
 * the folder makes an instance for itself, once: appliers are pure.
 */
export interface StateFolder {
  /** Schema of the state; `undefined` when the state is a class. */
  readonly stateSchema: DescMessage | undefined
  /** The state that a fold begins with. */
  fresh(self?: object): object
  /** The applier of a type by its full name. */
  applierOf(typeName: string): Applier | undefined
  /**
   * Decodes an event and applies it; a type without an applier leaves the state as it is.
   *
   * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes
   */
  applyEncoded(
    state: object,
    typeName: string,
    bytes: Uint8Array,
    from?: number,
    to?: number,
    self?: object,
  ): object
  /**
   * The state in a snapshot; `undefined` when it is of another type, or the state is a class.
   *
   * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes
   */
  stateOf(snapshot: Snapshot | undefined): object | undefined
  /**
   * Applies pages in order, but for those with an explicit sequence up to `after`.
   *
   * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes of a known type
   */
  applyPages(
    state: object,
    pages: readonly EventPage[],
    after?: Sequence | undefined,
    self?: object,
  ): object
  /** The state after a whole book: its snapshot, if it counts, then its pages. */
  rebuild(book: EventBook | undefined, self?: object): object
}

const folders = new WeakMap<StatefulDefinition, StateFolder>()

/** The folder of a definition; the same one for the same definition. */
export function stateFolder(definition: StatefulDefinition): StateFolder {
  const known = folders.get(definition)
  if (known !== undefined) return known
  const made = makeFolder(definition)
  folders.set(definition, made)
  return made
}

type Apply = { readonly schema: DescMessage; readonly apply: Applier }

function makeFolder(definition: StatefulDefinition): StateFolder {
  const stateSchema = isSchema(definition.state) ? definition.state : undefined
  const instance = lazyInstance(definition)
  const fresh = freshState(definition, instance)
  const appliers = new Map<string, Apply>()
  const appliersByUrl = new Map<string, Apply>()
  for (const entry of definition.entries) {
    if (entry.role !== 'applies') continue
    const known = applyOf(entry, definition, instance)
    appliers.set(entry.schema.typeName, known)
    appliersByUrl.set(typeUrl(entry.schema.typeName), known)
  }
  const applyEncoded: StateFolder['applyEncoded'] = (state, typeName, bytes, from, to, self) => {
    const known = appliers.get(typeName)
    if (known === undefined) return state
    return known.apply(state, decodePayload(known.schema, bytes, from, to), self)
  }
  const stateOf: StateFolder['stateOf'] = (snapshot) =>
    stateSchema === undefined ? undefined : unpackExact(stateSchema, snapshot?.state)
  const applyPages: StateFolder['applyPages'] = (state, pages, after, self) => {
    let folded = state
    for (const { header, payload } of pages) {
      if (payload.case !== 'event') continue
      const place = header?.sequenceType
      if (after !== undefined && place?.case === 'sequence' && place.value <= after) continue
      const known = appliersByUrl.get(payload.value.typeUrl)
      if (known === undefined) continue
      folded = known.apply(folded, decodePayload(known.schema, payload.value.value), self)
    }
    return folded
  }
  const rebuild: StateFolder['rebuild'] = (book, self) => {
    if (book === undefined) return fresh(self)
    const loaded = stateOf(book.snapshot)
    if (loaded === undefined) return applyPages(fresh(self), book.pages, undefined, self)
    return applyPages(loaded, book.pages, book.snapshot?.sequence, self)
  }
  const applierOf: StateFolder['applierOf'] = (typeName) => appliers.get(typeName)?.apply
  return { stateSchema, fresh, applierOf, applyEncoded, stateOf, applyPages, rebuild }
}

type Instance = () => object | undefined

function lazyInstance({ create: make }: StatefulDefinition): Instance {
  let made: { readonly self: object | undefined } | undefined
  return () => (made ??= { self: make() }).self
}

function freshState(definition: StatefulDefinition, instance: Instance): StateFolder['fresh'] {
  const factory = definition.entries.find(({ role }) => role === 'stateFactory')
  if (factory === undefined) return () => emptyState(definition.state)
  return (self) => {
    const state = factory.call(self ?? instance(), [])
    if (isState(state, definition.state)) return state
    throw wrongState(factory.name, state)
  }
}

function emptyState(type: StateType): object {
  if (isSchema(type)) return create(type)
  // The contract asks for a class that can be made without arguments; the type cannot say so.
  return Reflect.construct(type as unknown as new () => object, [])
}

function applyOf(
  entry: { readonly schema: DescMessage; readonly name: string; readonly call: EntryFunction },
  { state: type }: StatefulDefinition,
  instance: Instance,
): Apply {
  const call: EntryFunction = entry.call
  const apply: Applier = (state, event, self) => {
    const answer = call(self ?? instance(), [state, event])
    if (answer === undefined) return state
    if (isPromise(answer)) throw wrongState(entry.name, answer)
    // What an arrow function happens to evaluate to is no new state.
    return isState(answer, type) ? answer : state
  }
  return { schema: entry.schema, apply }
}

function isState(value: unknown, type: StateType): value is object {
  if (typeof value !== 'object' || value === null || isPromise(value)) return false
  if (isSchema(type)) return '$typeName' in value && value.$typeName === type.typeName
  return !Array.isArray(value)
}

function wrongState(name: string, actual: unknown): Error {
  const extras = { expected_kind: 'state', actual: typeNameOf(actual), field: name }
  return dispatchError('HANDLER_WRONG_RESPONSE_KIND', extras, {
    hint: 'State factories and appliers answer at once: they must not be asynchronous.',
  })
}
