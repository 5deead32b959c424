/** What is built and chosen inside: requests, and the branches of conditionals. */
import { type Deciding, isOwnUndo, record } from './decision.ts'
import { nodeOf, placeOf, stepAt, undoOf } from './draft.ts'
import type { Told } from './input.ts'
import { recordFailure } from './decide-outcome.ts'
import { recordUndoFailure } from './decide-undo.ts'

type Built = Extract<
  Told,
  { readonly kind: 'prepared' | 'prepare-failed' | 'chosen' | 'choice-failed' }
>

/** Decides what became of something that was built or chosen. It is taken once. */
export function decideRequest(deciding: Deciding, input: Built): void {
  const { draft } = deciding
  const place = placeOf(draft, input.path)
  const node = place === undefined ? undefined : nodeOf(draft, place)
  if (place === undefined || node === undefined) return
  const { at } = draft
  const { path } = input
  if (input.kind === 'chosen' || input.kind === 'choice-failed') {
    if (place.node.kind !== 'conditional' || node.status !== 'ready') return
    if (input.kind === 'choice-failed') return recordFailure(deciding, place, 1, input.failure)
    const { branch } = input
    return record(deciding, { kind: 'chosen', path, branch, at, begins: [], turns: undefined })
  }
  if (stepAt(place)?.does !== 'request') return
  const { direction } = input
  const isForward = direction === 'forward'
  if (isForward && (node.status !== 'ready' || node.request !== undefined)) return
  if (!isForward) {
    const which = node.undoing
    const undo = which === undefined ? undefined : undoOf(node, which)
    if (which === undefined || undo?.status !== 'ready' || undo.request !== undefined) return
    if (!isOwnUndo(node, which)) return
  }
  const attempt = (isForward ? node.attempt : node.undoAttempt) + 1
  if (input.kind === 'prepare-failed') {
    if (isForward) recordFailure(deciding, place, attempt, input.failure)
    else recordUndoFailure(deciding, place, attempt, input.failure)
    return
  }
  const { request } = input
  const begins = request === undefined ? [] : [{ path, direction, attempt, request }]
  record(deciding, { kind: 'prepared', path, direction, at, begins, turns: undefined })
}
