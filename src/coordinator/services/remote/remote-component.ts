/**
 * Components elsewhere as definitions, so that they are wired like those of this process: the names,
 * domains and targets are known here, the handlers are not.
 */
import type {
  AggregateDefinition,
  ComponentDefinition,
  ProcessManagerDefinition,
  ProjectorDefinition,
  SagaDefinition,
  UpcasterDefinition,
} from '../../../component/definition.ts'
import {
  type CallerOptions,
  componentCaller,
  type ComponentCaller,
  type ComponentLink,
} from './component-link.ts'

/** What is declared of a component elsewhere. `types` are full names; default: every type. */
export type RemoteComponent = CallerOptions &
  (
    | {
        readonly kind: 'command_handler'
        readonly domain: string
        /** Pages of history at which its state is asked for. Default 256. */
        readonly pagesPerFold?: number | undefined
      }
    | {
        readonly kind: 'saga'
        readonly name: string
        readonly source: string
        readonly target: string
        readonly types?: readonly string[] | undefined
      }
    | {
        readonly kind: 'process_manager'
        readonly name: string
        readonly pmDomain: string
        readonly sources: readonly string[]
        readonly targets: readonly string[]
        readonly types?: readonly string[] | undefined
      }
    | {
        readonly kind: 'projector'
        readonly name: string
        readonly domains: readonly string[]
        readonly editions?: readonly string[] | undefined
        readonly types?: readonly string[] | undefined
      }
    | {
        readonly kind: 'upcaster'
        readonly name: string
        readonly domain: string
        /** The types that it renews. */
        readonly types?: readonly string[] | undefined
      }
  )

/** What is known of a component elsewhere beside its definition. */
export type Elsewhere = {
  readonly call: ComponentCaller
  readonly types: readonly string[] | undefined
  readonly pagesPerFold: number | undefined
}

const placed = new WeakMap<ComponentDefinition, Elsewhere>()

/** Declares a component that is reached by a link. Give the answer to `openCoordinator`. */
export function remoteComponent(
  component: RemoteComponent,
  link: ComponentLink,
): ComponentDefinition {
  const definition = definitionFor(component)
  placed.set(definition, {
    call: componentCaller(link, component),
    types: 'types' in component ? component.types : undefined,
    pagesPerFold: 'pagesPerFold' in component ? component.pagesPerFold : undefined,
  })
  return definition
}

/** Where a component is, if not here. */
export function elsewhere(definition: ComponentDefinition): Elsewhere | undefined {
  return placed.get(definition)
}

/** The name a component dials in with: an aggregate's is its domain. */
export function nameOfRemote(component: RemoteComponent): string {
  return component.kind === 'command_handler' ? component.domain : component.name
}

function definitionFor(component: RemoteComponent): ComponentDefinition {
  const shared = { entries: [], create: () => undefined, label: nameOfRemote(component) }
  switch (component.kind) {
    case 'command_handler': {
      const { kind, domain } = component
      const made: AggregateDefinition = {
        ...shared,
        kind,
        domain,
        state: Object,
        supportsReplay: false,
        snapshotEvery: undefined,
      }
      return made
    }
    case 'saga': {
      const { kind, name, source, target } = component
      const made: SagaDefinition = { ...shared, kind, name, source, target, sync: false }
      return made
    }
    case 'process_manager': {
      const { kind, name, pmDomain, sources, targets } = component
      const made: ProcessManagerDefinition = {
        ...shared,
        kind,
        name,
        pmDomain,
        sources,
        targets,
        syncTargets: [],
        state: Object,
      }
      return made
    }
    case 'projector': {
      const { kind, name, domains, editions = [] } = component
      const made: ProjectorDefinition = { ...shared, kind, name, domains, editions }
      return made
    }
    case 'upcaster': {
      const { kind, name, domain } = component
      const made: UpcasterDefinition = { ...shared, kind, name, domain }
      return made
    }
  }
}
