/**
 * The components for a process of their own: the same ones, but that the read models are written to
 * a database of that process, because rows in the ledger are for projectors that run beside it.
 */
import {
  type Component,
  type ComponentDefinition,
  definitionOf,
  type ProjectionContext,
} from 'amends'
import { components } from '../components/all.ts'
import type { ReadModelDatabase } from './read-model-database.ts'

/** The definitions of all components, as they are elsewhere. */
export function definitionsElsewhere(): readonly ComponentDefinition[] {
  return components.map((component) => {
    const definition = definitionOf(component)
    if (definition.kind !== 'projector') return definition
    return { ...definition, name: nameElsewhere(definition.name) }
  })
}

/**
 * What a projector is called that keeps its rows elsewhere. A name of its own has progress of its
 * own: books can be continued either way, and each read model sees every event.
 */
export const nameElsewhere = (projector: string): string => `${projector}-elsewhere`

/** The components, with read models in this database. */
export function componentsOn(database: ReadModelDatabase): readonly Component[] {
  return definitionsElsewhere().map((definition) => {
    if (definition.kind !== 'projector') return definition
    const entries = definition.entries.map((entry) => ({
      ...entry,
      call: async (self: object | undefined, [event, given]: readonly unknown[]) => {
        // The second argument of a projector's handler is its context.
        const context = given as ProjectionContext
        const { cover, sequence, speculative } = context
        const root = Buffer.from(cover?.root?.value ?? []).toString('hex')
        const stream = `${cover?.domain}/${root}`
        const take = async (projection: ProjectionContext['projection']): Promise<void> => {
          await entry.call(self, [event, { ...context, projection }])
        }
        const projector = definition.name
        if (speculative) await database.speculate(projector, take)
        else await database.take({ projector, stream, sequence, take })
      },
    }))
    return { ...definition, entries }
  })
}
