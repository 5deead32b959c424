/** A projector written as functions. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { checkOptions, type ProjectorOptions } from './component-options.ts'
import type { ComponentSource, ProjectorDefinition } from './definition.ts'
import { type EntryList, newEntries } from './entry-list.ts'
import type { ProjectionContext } from './handler-context.ts'
import type { ProjectionResult } from './handler-results.ts'
import type { Knows, KnowsAny, KnowsMessages } from './known-types.ts'
import { makeProjector } from './make-definition.ts'

/**
 * A projector under construction; every method returns a new one. `Known` gathers the events it
 * takes, so that a test of it is typed.
 */
export interface ProjectorFunctions<Known extends KnowsAny = KnowsAny>
  extends ComponentSource, KnowsMessages<Known> {
  readonly definition: ProjectorDefinition
  /** Takes events of a type into the read model; several for one type run in order. */
  handles<M extends DescMessage>(
    schema: M,
    project: (event: MessageShape<M>, context: ProjectionContext) => ProjectionResult,
  ): ProjectorFunctions<Known | Knows<'handles', MessageShape<M>>>
}

/**
 * Begins a projector (Angzarr client: `projector`).
 *
 * @throws CodedError `COMPONENT_OPTION_INVALID` for a missing option
 */
export function defineProjector(options: ProjectorOptions): ProjectorFunctions<never> {
  checkOptions({ kind: 'projector', options })
  return projector(options, newEntries())
}

function projector<Known extends KnowsAny>(
  options: ProjectorOptions,
  list: EntryList,
): ProjectorFunctions<Known> {
  return {
    definition: makeProjector(options, list.body(options.name)),
    handles: (schema, project) =>
      projector(options, list.add({ role: 'handles', schema }, project)),
  }
}
