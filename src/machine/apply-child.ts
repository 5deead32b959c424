/** What the end of the execution of a step does to the execution that started it. */
import type { Place } from './definition-index.ts'
import { change, close, type Draft, nodeOf, putUndo, stick, unstick } from './draft.ts'
import type { Backward, Entry } from './journal.ts'
import { settleFailure, settleSuccess } from './settle.ts'
import type { NodeState, UndoStatus } from './state.ts'
import { goBack } from './walk-back.ts'

/**
 * Follows how a child ended.
 *
 * 1. One that completed is what the step did; one that did not, failed the step, with nothing left
 *    for the step to undo.
 * 2. One that waits for an operator makes the step wait, and nothing else; it is done when the child
 *    is.
 */
export function applyChild(
  draft: Draft,
  place: Place,
  node: NodeState,
  entry: Extract<Entry, { readonly kind: 'child' }>,
): void {
  const { forward, backward } = entry
  change(draft, place, { child: { forward, backward } })
  if (node.status !== 'begun') return applyUndone(draft, place, node, backward)
  const isWhole = backward === 'not-needed' || backward === 'waived'
  if (forward === 'completed' && isWhole) return settleSuccess(draft, place, entry.change)
  if (backward === 'waived') draft.state.waived = true
  if (entry.failure !== undefined) settleFailure(draft, place, entry.failure, false)
}

function applyUndone(draft: Draft, place: Place, node: NodeState, backward: Backward): void {
  if (node.undo === undefined) return
  const status = statusOf(backward)
  putUndo(draft, place, -1, { ...node.undo, status })
  if (status === 'waived') draft.state.waived = true
  change(draft, place, { undoing: undefined })
  close(draft, place)
  if (status === 'stuck') stick(draft, place)
  else unstick(draft, place)
  if (nodeOf(draft, place) !== undefined) goBack(draft, place)
}

function statusOf(backward: Backward): UndoStatus {
  if (backward === 'stuck' || backward === 'waived') return backward
  return 'done'
}
