/** The spaces of versioned rows that the coordinator keeps in its ledger, and how keys are built. */
import type { Position } from '../identity.ts'

/** Messages on their way to their targets; grouped by component and key. */
export const DELIVERIES = 'delivery'
/** How far each component is. */
export const PROGRESS = 'progress'
/** Keys that wait behind a dead letter. */
export const PARKED = 'parked'
/** The dead-letter desk. */
export const DEAD_LETTERS = 'dead-letter'
/** Who runs a component, renewed again and again. */
export const LEASES = 'lease'
/** Changes at each takeover and never else: a condition of every write of a component. */
export const TERMS = 'lease-term'
/** Which generation of a projection is the current one. */
export const GENERATIONS = 'projection-generation'

/** Pages that are pending, one row for those of one commit; grouped by cascade, due when too old. */
export const PENDING_PAGES = 'pending-page'
/** What became of each cascade that is resolved. */
export const RESOLVED_CASCADES = 'resolved-cascade'
/** What events of process managers were reactions to. */
export const PROCESS_CAUSES = 'process-cause'
/** Failed compensations that a human is to be told of. */
export const ESCALATIONS = 'escalation'
/** Where each stream of a named edition branches off, and each edition as it was named. */
export const BRANCHES = 'edition-branch'
export const EDITIONS = 'edition'

/** Which events refer to payloads that are kept beside the ledger; grouped by the payload's hash. */
export const PAYLOADS = 'payload'
/** The folder that they are kept in. */
export const PAYLOAD_FOLDER = 'payload-folder'

/** The space of a projection's rows. */
export function projectionSpace(name: string, generation: number): string {
  return `projection.${generationName(name, generation)}`
}

/** The name of a generation: the first has the component's own. */
export function generationName(name: string, generation: number): string {
  return generation === 1 ? name : `${name}#${generation}`
}

/** The group of a key's deliveries. */
export function laneGroup(component: string, lane: string): string {
  return `${component}/${lane}`
}

/** Sorts by position, then by index within the reaction; `path` tells apart what follows it. */
export function deliveryKey(component: string, position: Position, path: string): string {
  return `${component}/${position.toString().padStart(16, '0')}/${path}`
}

/** A part of a path that sorts like its number. */
export function pathPart(index: number): string {
  return index.toString().padStart(4, '0')
}
