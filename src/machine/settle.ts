/** The outcome of a step, known at last: what it means for the way of its execution. */
import { applyChange } from './change.ts'
import type { Place } from './definition-index.ts'
import {
  change,
  close,
  type Draft,
  lineOf,
  nodeOf,
  stepAt,
  stick,
  unstick,
  writableNode,
  writableValues,
} from './draft.ts'
import type { Change, Failure } from './journal.ts'
import { type NodeState, type NodeStatus, OWN_UNDO } from './state.ts'
import { turnBack, undoWhenSettled } from './unwind.ts'
import { goBack } from './walk-back.ts'
import { leave } from './walk-forward.ts'
import { undoesUnknown } from './which-undo.ts'

/** It happened. Its value goes on, or back. */
export function settleSuccess(draft: Draft, place: Place, what: Change): void {
  const node = nodeOf(draft, place)
  if (node === undefined) return
  changeValue(draft, place, what)
  if (node.undo !== undefined && node.undo.status !== 'not-needed' && !isItem(node)) {
    addLateUndo(draft, place, node, what)
  } else {
    const next = writableNode(draft, place, node)
    next.status = 'succeeded'
    next.retryAt = undefined
    if (draft.definition.values === 'output') next.output = applyChange(node.input, what)
  }
  goOn(draft, place)
}

/** There is nothing to send, or an operator let it go. */
export function settleSkipped(draft: Draft, place: Place): void {
  change(draft, place, { status: 'skipped', retryAt: undefined })
  goOn(draft, place)
}

/** It did not succeed, and is not tried again. */
export function settleFailure(
  draft: Draft,
  place: Place,
  failure: Failure,
  happened: boolean,
): void {
  const node = nodeOf(draft, place)
  if (node === undefined) return
  const status = statusOf(node, failure, happened)
  const waits = waitsForOperator(draft, place, status)
  const isForward = !draft.state.unwinding
  const becomes = waits && status !== 'unknown' ? 'exhausted' : status
  change(draft, place, { status: becomes, failure, retryAt: undefined })
  close(draft, place)
  if (isForward && waits) return stick(draft, place)
  unstick(draft, place)
  if (isForward) turnBack(draft, 'failed', failure)
  else settleOnTheWayBack(draft, place)
}

/** Sets the value of the line of work of a place. */
export function changeValue(draft: Draft, place: Place, what: Change): void {
  if (what.kind === 'same') return
  const line = lineOf(draft, place)
  const value =
    what.kind === 'replace' ? what.value : applyChange(draft.state.values.get(line), what)
  writableValues(draft).set(line, value)
}

/** A choice, a group or a step behind the pivot cannot be undone: it waits for an operator. */
function waitsForOperator(draft: Draft, place: Place, status: NodeStatus): boolean {
  if (draft.state.unwinding) return false
  const step = stepAt(place)
  const pivot = draft.index.pivot
  if (step === undefined) return pivot !== undefined && pivot.number < place.number
  if (step.mode === 'retriable') return true
  if (step.mode !== 'pivot') return false
  return status === 'happened' || (status === 'unknown' && !undoesUnknown(step))
}

function statusOf(node: NodeState, failure: Failure, happened: boolean): NodeStatus {
  if (happened) return 'happened'
  if (failure.outcome === 'refused') return 'refused'
  return failure.outcome === 'unknown' || node.mayHaveHappened ? 'unknown' : 'failed'
}

function goOn(draft: Draft, place: Place): void {
  close(draft, place)
  if (draft.state.unwinding) settleOnTheWayBack(draft, place)
  else {
    unstick(draft, place)
    leave(draft, place)
  }
}

function settleOnTheWayBack(draft: Draft, place: Place): void {
  if (!draft.state.undoing) return undoWhenSettled(draft)
  const node = nodeOf(draft, place)
  // What the way back has not come to yet is undone in its turn.
  if (node === undefined || !isReached(node)) return
  if (isItem(node) || node.undo?.status === 'not-needed') change(draft, place, { undo: undefined })
  unstick(draft, place)
  goBack(draft, place)
}

/** Whether the way back has come to the node. */
function isReached({ passed, undo, undoing, added }: NodeState): boolean {
  return (
    passed ||
    undo !== undefined ||
    undoing !== undefined ||
    added.some((each) => each.undo !== undefined)
  )
}

/** Whether the node waits for an operator because nobody knew its outcome. */
function isItem(node: NodeState): boolean {
  return node.undo?.status === 'stuck' && node.undo.attempt === 0
}

/** It was given up and undone without its output, and happened after that: it is undone again. */
function addLateUndo(draft: Draft, place: Place, node: NodeState, what: Change): void {
  const data = applyChange(node.input, what)
  const late = { name: OWN_UNDO, data, undo: undefined }
  change(draft, place, { status: 'succeeded', output: data, added: [...node.added, late] })
}
