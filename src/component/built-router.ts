/** What all typed routers have in common: what they host, and where it leads to. */
import { type Clock, systemClock } from '../clock.ts'
import type { ComponentDefinition } from './definition.ts'
import type { ProjectionStore } from './projection-store.ts'

/** What a router may be given from outside. */
export type RouterOptions = {
  /** Where the time in a handler's context comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Rows of projectors. Default: using them throws `PROJECTION_UNAVAILABLE`. */
  readonly projection?: ProjectionStore | undefined
}

/** One or more definitions. */
export type Definitions<D extends ComponentDefinition> = readonly [D, ...D[]]

/**
 * Base of the typed routers. A router holds no state of a request, so it may be used concurrently;
 * each dispatch makes the instances it needs.
 */
export abstract class BuiltRouter<D extends ComponentDefinition = ComponentDefinition> {
  protected readonly definitions: Definitions<D>
  protected readonly clock: Clock

  constructor(definitions: Definitions<D>, options: RouterOptions = {}) {
    this.definitions = definitions
    this.clock = options.clock ?? systemClock()
  }
  /** The kind of its components. */
  get kind(): D['kind'] {
    return this.definitions[0].kind
  }
  /** Name of the first component; of an aggregate, its domain. */
  get name(): string {
    return nameOf(this.definitions[0])
  }
  /** How many components it hosts. */
  get length(): number {
    return this.definitions.length
  }
  /** How many components it hosts. */
  handlerCount(): number {
    return this.definitions.length
  }
  /** Domains it emits commands to, each once, in the order of registration. */
  outputDomains(): readonly string[] {
    return unique(this.definitions.flatMap((definition) => outputsOf(definition).all))
  }
  /** Those of them that must be reachable for it to be ready. */
  syncOutputDomains(): readonly string[] {
    return unique(this.definitions.flatMap((definition) => outputsOf(definition).sync))
  }
  /** Whether any component emits to a domain that need not be reachable. */
  hasAsyncOutputs(): boolean {
    return this.definitions.some((definition) => {
      const { all, sync } = outputsOf(definition)
      return all.some((domain) => !sync.includes(domain))
    })
  }
}

function nameOf(definition: ComponentDefinition): string {
  return definition.kind === 'command_handler' ? definition.domain : definition.name
}

type Outputs = { readonly all: readonly string[]; readonly sync: readonly string[] }

function outputsOf(definition: ComponentDefinition): Outputs {
  switch (definition.kind) {
    case 'saga':
      return { all: [definition.target], sync: definition.sync ? [definition.target] : [] }
    case 'process_manager':
      return { all: definition.targets, sync: definition.syncTargets }
    case 'command_handler':
    case 'projector':
    case 'upcaster':
      return { all: [], sync: [] }
  }
}

function unique(domains: readonly string[]): readonly string[] {
  return [...new Set(domains)]
}
