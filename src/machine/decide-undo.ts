/** Outcomes of undos, and undos that are registered while an operation runs. */
import { changeOf, SAME } from './change.ts'
import { type Deciding, record } from './decision.ts'
import type { Place } from './definition-index.ts'
import { nodeOf, placeOf, stepAt, undoOf } from './draft.ts'
import type { Told } from './input.ts'
import type { Failure } from './journal.ts'
import { nextTryAt } from './pause.ts'
import type { NodeState, UndoState } from './state.ts'

type Undo = Extract<Told, { readonly kind: 'undone' | 'undo-failed' | 'undo-added' }>

/** Decides what became of an undo. */
export function decideUndo(deciding: Deciding, input: Undo): void {
  const { draft } = deciding
  const place = placeOf(draft, input.path)
  const node = place === undefined ? undefined : nodeOf(draft, place)
  if (place === undefined || node === undefined) return
  const { at } = draft
  const { path } = input
  if (input.kind === 'undo-added') {
    const { name, data } = input
    if (name === '' || !mayAdd(node)) {
      deciding.refused = 'ENDED'
      return
    }
    return record(deciding, {
      kind: 'undo-added',
      path,
      name,
      data,
      at,
      begins: [],
      turns: undefined,
    })
  }
  const undo = awaitedUndo(node, input.attempt, stepAt(place)?.does === 'request')
  if (undo === undefined) return
  const { attempt } = input
  if (input.kind === 'undo-failed') {
    if (undo.status === 'begun' && attempt === undo.attempt) {
      recordUndoFailure(deciding, place, attempt, input.failure)
    }
    return
  }
  const isContext = draft.definition.values === 'context' && input.value !== undefined
  const change = isContext ? changeOf(undo.given, input.value) : SAME
  record(deciding, { kind: 'undone', path, attempt, change, at, begins: [], turns: undefined })
}

/** Journals that an undo failed, and whether it is tried again. */
export function recordUndoFailure(
  deciding: Deciding,
  place: Place,
  attempt: number,
  failure: Failure,
): void {
  const { draft, random } = deciding
  const step = stepAt(place)
  const node = nodeOf(draft, place)
  const undo = node === undefined ? undefined : undoOf(node, node.undoing ?? -1)
  if (step === undefined || undo === undefined) return
  const tries = undo.status === 'ready' ? undo.tries + 1 : undo.tries
  const { at } = draft
  const again =
    failure.outcome === 'refused' ? undefined : nextTryAt(step.undoRetry, tries, { at, random })
  const { path } = step
  const begins = { at, begins: [], turns: undefined }
  record(deciding, { kind: 'undo-failed', path, attempt, failure, again, ...begins })
}

/**
 * The undo that this attempt belongs to, when its outcome is waited for. Earlier attempts of the
 * same undo settle it as well.
 */
function awaitedUndo(node: NodeState, attempt: number, isRequest: boolean): UndoState | undefined {
  const undo = node.undoing === undefined ? undefined : undoOf(node, node.undoing)
  if (undo === undefined || undo.attempt === 0) return undefined
  const isOfThis = attempt <= undo.attempt && attempt > undo.attempt - undo.tries
  const isWaiting = undo.status === 'begun' || undo.status === 'pausing'
  return isWaiting && (isRequest ? isOfThis : attempt === undo.attempt) ? undo : undefined
}

/** While its operation runs, or may still be running. */
function mayAdd(node: NodeState): boolean {
  return node.status === 'begun' || node.status === 'unknown' || node.status === 'probing'
}
