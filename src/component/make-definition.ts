/** From kind, options and entries to a definition; both spellings end here. */
import type {
  CommandHandlerOptions,
  DeclaredOptions,
  ProcessManagerOptions,
  ProjectorOptions,
  SagaOptions,
  UpcasterOptions,
} from './component-options.ts'
import type {
  AggregateDefinition,
  ComponentDefinition,
  ProcessManagerDefinition,
  ProjectorDefinition,
  SagaDefinition,
  UpcasterDefinition,
} from './definition.ts'

/** What every definition has beside its options. */
export type DefinitionBody = Pick<ComponentDefinition, 'entries' | 'create' | 'label'>

/** A definition, options filled with their defaults. */
export function makeDefinition(
  declared: DeclaredOptions,
  body: DefinitionBody,
): ComponentDefinition {
  switch (declared.kind) {
    case 'command_handler':
      return makeAggregate(declared.options, body)
    case 'saga':
      return makeSaga(declared.options, body)
    case 'process_manager':
      return makeProcessManager(declared.options, body)
    case 'projector':
      return makeProjector(declared.options, body)
    case 'upcaster':
      return makeUpcaster(declared.options, body)
  }
}

/** The definition of an aggregate. */
export function makeAggregate(
  { domain, state, supportsReplay, snapshotEvery }: CommandHandlerOptions,
  body: DefinitionBody,
): AggregateDefinition {
  const replay = supportsReplay ?? false
  return { ...body, kind: 'command_handler', domain, state, supportsReplay: replay, snapshotEvery }
}

/** The definition of a saga. */
export function makeSaga(
  { name, source, target, sync }: SagaOptions,
  body: DefinitionBody,
): SagaDefinition {
  return { ...body, kind: 'saga', name, source, target, sync: sync ?? false }
}

/** The definition of a process manager. */
export function makeProcessManager(
  { name, pmDomain, sources, targets, state, syncTargets }: ProcessManagerOptions,
  body: DefinitionBody,
): ProcessManagerDefinition {
  return {
    ...body,
    kind: 'process_manager',
    name,
    pmDomain,
    sources,
    targets,
    syncTargets: syncTargets ?? [],
    state,
  }
}

/** The definition of a projector. */
export function makeProjector(
  { name, domains, editions }: ProjectorOptions,
  body: DefinitionBody,
): ProjectorDefinition {
  return { ...body, kind: 'projector', name, domains, editions: editions ?? [] }
}

/** The definition of an upcaster. */
export function makeUpcaster(
  { name, domain }: UpcasterOptions,
  body: DefinitionBody,
): UpcasterDefinition {
  return { ...body, kind: 'upcaster', name, domain }
}
