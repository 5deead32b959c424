/**
 * The way back: what is to be undone, in reverse order of dependency.
 *
 * 1. A sequence is gone through from its end. The way goes on past a node when everything at it is
 *    undone, needs no undo, or waits for an operator in a sequence that lets the others go on.
 * 2. A sequence that does not let them go on stops there; what is outside of it goes on.
 * 3. Only an undo that failed stops it, or one that cannot be done for what certainly happened. A step
 *    of unknown outcome is no failed undo, nor is a child that could not undo itself: both wait for an
 *    operator, and the way goes on past them.
 * 4. The way goes past a node once. What an operator brings back is undone by itself.
 */
import type { Place } from './definition-index.ts'
import {
  change,
  close,
  type Draft,
  nodeOf,
  open,
  putUndo,
  reachedNode,
  stepAt,
  stick,
  undoOf,
} from './draft.ts'
import type { NodeState, UndoState } from './state.ts'
import { whichUndo } from './which-undo.ts'

/** Where the way back is at a node: gone past it, waiting for it, or stopped by it. */
type Progress = 'passed' | 'waiting' | 'blocked'

/** Begins to go back. */
export function startBack(draft: Draft): void {
  draft.state.undoing = true
  enterBack(draft, draft.index.root)
}

/** An undo of a step has come to an end, or its outcome is known at last: on with the way back. */
export function goBack(draft: Draft, place: Place): void {
  const wasPassed = nodeOf(draft, place)?.passed === true
  const progress = undoStep(draft, place)
  if (wasPassed) return
  if (progress === 'passed') leaveBack(draft, place)
  else if (progress === 'blocked') blockSequence(draft, place)
}

/** The undo that is next at a step: what was added last comes first, its own one at the end. */
function nextUndo(node: NodeState): number | undefined {
  for (let at = node.added.length - 1; at >= -1; at--) {
    const status = undoOf(node, at)?.status
    if (status === undefined || status === 'ready') return at
  }
  return undefined
}

function enterBack(draft: Draft, place: Place): Progress {
  const { node } = place
  if (node.kind === 'step') {
    return nodeOf(draft, place) === undefined ? 'passed' : undoStep(draft, place)
  }
  if (node.kind === 'sequence') return backThrough(draft, place, place.children.length - 1)
  const state = nodeOf(draft, place)
  if (state === undefined) return 'passed'
  if (node.kind === 'conditional') {
    const chosen = state.branch === undefined ? undefined : place.children[state.branch]
    return chosen === undefined ? 'passed' : enterBack(draft, chosen)
  }
  if (node.undo === 'in-order') return backThrough(draft, place, place.children.length - 1)
  let remaining = 0
  for (const branch of place.children) if (enterBack(draft, branch) === 'waiting') remaining++
  change(draft, place, { remaining })
  return remaining === 0 ? 'passed' : 'waiting'
}

/** Goes back through the children of a sequence, or of a group in order, from one of them on. */
function backThrough(draft: Draft, place: Place, from: number): Progress {
  for (let at = from; at >= 0; at--) {
    const child = place.children[at]
    const progress = child === undefined ? 'passed' : enterBack(draft, child)
    if (progress === 'waiting') return 'waiting'
    if (progress === 'blocked') {
      // Only this sequence stops; for what is outside of it, it is passed.
      markPassed(draft, place)
      return 'passed'
    }
  }
  return 'passed'
}

/** The way has gone past a place: on with what is before it. */
function leaveBack(draft: Draft, from: Place): void {
  let place = from
  for (let parent = place.parent; parent !== undefined; parent = place.parent) {
    const wasPassed = nodeOf(draft, parent)?.passed === true
    const { node } = parent
    if (node.kind === 'sequence' || (node.kind === 'parallel' && node.undo === 'in-order')) {
      if (backThrough(draft, parent, place.position - 1) === 'waiting') return
    } else if (node.kind === 'parallel') {
      const remaining = (nodeOf(draft, parent)?.remaining ?? 1) - 1
      change(draft, parent, { remaining })
      if (remaining > 0) return
    }
    if (wasPassed) return
    place = parent
  }
}

/** A step has stopped its sequence: what is outside goes on, once. */
function blockSequence(draft: Draft, place: Place): void {
  const { parent } = place
  if (parent === undefined || nodeOf(draft, parent)?.passed === true) return
  markPassed(draft, parent)
  leaveBack(draft, parent)
}

/** Sequences have no state until the way back needs to remember something about them. */
function markPassed(draft: Draft, place: Place): void {
  if (nodeOf(draft, place) === undefined) {
    draft.nodes[place.number] = reachedNode(undefined, draft.at)
  }
  change(draft, place, { status: 'succeeded', passed: true })
}

/** Finds the next undo of a step and makes it ready; without one the way goes past the step. */
function undoStep(draft: Draft, place: Place): Progress {
  const step = stepAt(place)
  if (step === undefined) return 'passed'
  const mayLeave = mayLeaveBehind(place)
  for (;;) {
    const node = nodeOf(draft, place)
    if (node === undefined) return 'passed'
    if (isUndoing(node)) {
      // Its step may have been settled anew meanwhile, and closed.
      open(draft, place)
      return 'waiting'
    }
    if (!mayLeave && isStopped(node) && !node.passed && !hasReady(node)) return 'blocked'
    const which = nextUndo(node)
    if (which === undefined) {
      close(draft, place)
      change(draft, place, { passed: true, undoing: undefined })
      return 'passed'
    }
    if (which >= 0 || prepareOwn(draft, place, node)) {
      draft.state.undoes = true
      putUndo(draft, place, which, undoOf(node, which) ?? freshUndo('ready'))
      change(draft, place, { undoing: which })
      open(draft, place)
      return 'waiting'
    }
  }
}

/** Whether the step's own undo is to run. If not, what stands in its place is put. */
function prepareOwn(draft: Draft, place: Place, node: NodeState): boolean {
  const step = stepAt(place)
  if (step === undefined) return false
  if (node.undo?.status === 'ready') return true
  const which = whichUndo(draft.definition, step, node)
  if (which === 'own' || which === 'unknown') return true
  // Whatever its step came to: one that an operator has left out waits in its own execution alone.
  const isChildStuck = node.status !== 'skipped' && node.child?.backward === 'stuck'
  if (which === 'stuck' || isChildStuck) {
    draft.state.undoes = true
    close(draft, place)
    putUndo(draft, place, -1, { ...freshUndo('stuck'), failure: node.failure })
    stick(draft, place)
  } else putUndo(draft, place, -1, freshUndo('not-needed'))
  return false
}

function freshUndo(status: UndoState['status']): UndoState {
  return { status, attempt: 0, tries: 0 }
}

function isUndoing(node: NodeState): boolean {
  const status = node.undoing === undefined ? undefined : undoOf(node, node.undoing)?.status
  return status === 'begun' || status === 'pausing'
}

/** Whether an undo of the node stops a sequence that does not go on then. */
function isStopped({ status, undo, added }: NodeState): boolean {
  const wasTried = undo?.status === 'stuck' && (undo.attempt > 0 || status === 'happened')
  return wasTried || added.some((each) => each.undo?.status === 'stuck')
}

function hasReady(node: NodeState): boolean {
  return node.undo?.status === 'ready' || node.added.some(({ undo }) => undo?.status === 'ready')
}

function mayLeaveBehind({ parent }: Place): boolean {
  return parent?.node.kind !== 'sequence' || parent.node.continueOnUndoFailure
}
