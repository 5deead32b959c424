/**
 * What a component is, whatever way it was written: a kind, its options, and entries of (role,
 * schema, function). Decorators and functions both end here, and everything that runs components
 * starts here. There is no third spelling.
 *
 * 1. Entries stand in the order of their declaration; a subclass's method replaces its base's.
 * 2. An entry's function is called with an instance made for that dispatch (`create`); components
 *    written as functions ignore it.
 * 3. A definition is checked when it is made or built, never while it runs.
 */
import type { DescMessage } from '@bufbuild/protobuf'

/** The kinds of components, under the names of the contract. */
export type ComponentKind =
  'command_handler' | 'saga' | 'process_manager' | 'projector' | 'upcaster'

/**
 * An entry's function. The arguments depend on kind and role:
 *
 * - command handler: handles (command, state, sequence, context); handlesFact (event, state,
 *   context); applies (state, event); rejected (notification, state, rejection); undoes
 *   (notification, state, compensation)
 * - saga: handles (event, destinations, source); rejected (notification, rejection)
 * - process manager: handles (event, state, destinations, source); applies (state, event);
 *   rejected (notification, state, rejection)
 * - projector: handles (event, context)
 * - upcaster: upcasts (old event)
 */
export type EntryFunction = (self: object | undefined, args: readonly unknown[]) => unknown

/** One method of a component: what it is for, which message, what to call. */
export type Entry =
  | {
      readonly role: 'handles' | 'handlesFact' | 'applies' | 'undoes'
      readonly schema: DescMessage
      readonly name: string
      readonly call: EntryFunction
    }
  | {
      readonly role: 'rejected'
      /** Domain of the rejected command. */
      readonly domain: string
      /** A schema, or a name: short or full. */
      readonly command: DescMessage | string
      readonly name: string
      readonly call: EntryFunction
    }
  | {
      readonly role: 'upcasts'
      readonly from: DescMessage | string
      readonly to: DescMessage | string
      readonly name: string
      readonly call: EntryFunction
    }
  | { readonly role: 'stateFactory'; readonly name: string; readonly call: EntryFunction }

/** A state: a protobuf message schema, or a class that can be made without arguments. */
export type StateType = DescMessage | (abstract new (...args: never[]) => object)

type Shared = {
  readonly entries: readonly Entry[]
  /** Makes the instance of one dispatch; `undefined` for components written as functions. */
  readonly create: () => object | undefined
  /** What to call it in errors: the class name, or the name it was defined under. */
  readonly label: string
}

/** An aggregate (Angzarr client: `command_handler`). */
export type AggregateDefinition = Shared & {
  readonly kind: 'command_handler'
  readonly domain: string
  readonly state: StateType
  readonly supportsReplay: boolean
  /** Events between two snapshots; `undefined` leaves it to the coordinator, 0 means never. */
  readonly snapshotEvery: number | undefined
}

/** A saga: translates events of one domain into commands for another. */
export type SagaDefinition = Shared & {
  readonly kind: 'saga'
  readonly name: string
  readonly source: string
  readonly target: string
  readonly sync: boolean
}

/** A process manager: follows several domains with a state of its own. */
export type ProcessManagerDefinition = Shared & {
  readonly kind: 'process_manager'
  readonly name: string
  readonly pmDomain: string
  readonly sources: readonly string[]
  readonly targets: readonly string[]
  readonly syncTargets: readonly string[]
  readonly state: StateType
}

/** A projector: builds a read model. */
export type ProjectorDefinition = Shared & {
  readonly kind: 'projector'
  readonly name: string
  /** Domains; `*` stands for all. */
  readonly domains: readonly string[]
  /** Editions it follows besides the main timeline. */
  readonly editions: readonly string[]
}

/** An upcaster: turns old events into their newer form when they are read. */
export type UpcasterDefinition = Shared & {
  readonly kind: 'upcaster'
  readonly name: string
  readonly domain: string
}

/** Any component. */
export type ComponentDefinition =
  | AggregateDefinition
  | SagaDefinition
  | ProcessManagerDefinition
  | ProjectorDefinition
  | UpcasterDefinition

/**
 * Anything the coordinator accepts as a component: a decorated class that can be made without
 * arguments, a component written as functions, or a finished definition.
 */
export type Component = ComponentDefinition | ComponentSource | (new () => object)

/** Something that knows its definition, as the function form does. */
export type ComponentSource = { readonly definition: ComponentDefinition }
