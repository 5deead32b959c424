/** What kind of thing waits for an operator at a node. */
import type { Place } from './definition-index.ts'
import { type Draft, stepAt, undoOf } from './draft.ts'
import type { NodeState } from './state.ts'
import { whichUndo } from './which-undo.ts'

/**
 * `undo`: an undo that failed for good. `unknown`: a step that may have happened, and nobody can
 * undo it. `exhausted`: a step, choice or group behind the pivot that cannot go on. `child`: the
 * execution of a step waits for an operator itself.
 */
export type ItemKind = 'undo' | 'unknown' | 'exhausted' | 'child'

/** The kind of the item at a node: -1 asks for its own, others for one of the undos added. */
export function kindOfItem(
  { definition }: Pick<Draft, 'definition'>,
  place: Place,
  node: NodeState,
  which: number,
): ItemKind | undefined {
  if (which >= 0) return undoOf(node, which)?.status === 'stuck' ? 'undo' : undefined
  if (node.status === 'exhausted') return 'exhausted'
  if (node.undo === undefined) {
    return node.status === 'unknown' && node.stuckAt !== undefined ? 'unknown' : undefined
  }
  if (node.undo.status !== 'stuck') return undefined
  if (node.child?.backward === 'stuck') return 'child'
  const step = stepAt(place)
  const isNobodys = step !== undefined && whichUndo(definition, step, node) === 'stuck'
  return isNobodys && node.undo.replacedBy === undefined ? 'unknown' : 'undo'
}
