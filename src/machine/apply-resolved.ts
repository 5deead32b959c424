/** What an operator's word does to an execution. */
import type { Place } from './definition-index.ts'
import {
  change,
  close,
  type Draft,
  nodeOf,
  open,
  putUndo,
  stepAt,
  undoOf,
  unstick,
  writableValues,
} from './draft.ts'
import { joinBranches } from './join-branches.ts'
import type { Entry } from './journal.ts'
import { changeValue, settleFailure, settleSkipped, settleSuccess } from './settle.ts'
import type { NodeState } from './state.ts'
import { kindOfItem } from './kind-of-item.ts'
import { goBack } from './walk-back.ts'

type Resolved = Extract<Entry, { readonly kind: 'resolved' }>

/** Follows one of the four verbs; what they mean for each kind of item is said in `work-items.ts`. */
export function applyResolved(draft: Draft, place: Place, node: NodeState, entry: Resolved): void {
  const which = entry.added ?? -1
  switch (kindOfItem(draft, place, node, which)) {
    case 'exhausted':
      return resolveExhausted(draft, place, node, entry)
    case 'unknown':
      return draft.state.unwinding
        ? resolveUnknown(draft, place, node, entry)
        : resolvePivot(draft, place, node, entry)
    case 'undo':
    case 'child':
      return resolveUndo(draft, place, node, entry, which)
    case undefined:
      return
  }
}

function resolveUndo(
  draft: Draft,
  place: Place,
  node: NodeState,
  entry: Resolved,
  which: number,
): void {
  const undo = undoOf(node, which)
  if (undo === undefined) return
  const { verb, data } = entry
  if (verb === 'waive') {
    draft.state.waived = true
    putUndo(draft, place, which, { ...undo, status: 'waived' })
  } else {
    const name = entry.undo ?? ''
    const edited = verb === 'edit' ? { data } : undo.edited
    const replacedBy = verb === 'replace' ? { name, data } : undo.replacedBy
    const by = verb === 'edit' ? 'own' : undo.by
    const ready = { status: 'ready', tries: 0, edited, replacedBy, by } as const
    // What was edited is built anew; what is only retried is sent as it was.
    const request = verb === 'retry' ? undo.request : undefined
    putUndo(draft, place, which, { ...undo, ...ready, request })
  }
  unstick(draft, place)
  goBack(draft, place)
}

/** Somebody says what nobody knew, or has it found out again. */
function resolveUnknown(draft: Draft, place: Place, node: NodeState, entry: Resolved): void {
  if (entry.verb === 'retry') return findOutAgain(draft, place)
  if (entry.verb === 'edit') {
    change(draft, place, { status: 'succeeded', output: entry.data, undo: undefined })
    const edited = { data: entry.data }
    // It happened, and its author has said that it has no undo.
    const status = stepAt(place)?.undo === 'declared' ? 'ready' : 'not-needed'
    putUndo(draft, place, -1, { status, attempt: 0, tries: 0, edited })
    unstick(draft, place)
    return goBack(draft, place)
  }
  resolveUndo(draft, place, node, entry, -1)
}

/**
 * A pivot may have happened: it is taken as done, or as not done, or found out again. What comes behind
 * the pivot and is not taken as done is left out.
 */
function resolvePivot(draft: Draft, place: Place, node: NodeState, entry: Resolved): void {
  if (entry.verb === 'retry') return findOutAgain(draft, place)
  if (entry.verb === 'edit') {
    return settleSuccess(draft, place, { kind: 'replace', value: entry.data })
  }
  draft.state.waived = true
  const isBehind = place.node.kind === 'step' && place.node.mode === 'retriable'
  if (isBehind) return settleSkipped(draft, place)
  change(draft, place, { mayHaveHappened: false })
  const failure = node.failure
  if (failure !== undefined) settleFailure(draft, place, { ...failure, outcome: 'failed' }, false)
}

function resolveExhausted(draft: Draft, place: Place, node: NodeState, entry: Resolved): void {
  const { verb, data } = entry
  if (verb === 'waive') draft.state.waived = true
  if (place.node.kind === 'parallel') {
    const left = place.children.map((branch) => draft.state.values.get(branch.line))
    const value = verb === 'edit' ? data : joinBranches(place.node.join, node.input, left).value
    for (const branch of place.children) writableValues(draft).delete(branch.line)
    changeValue(draft, place, { kind: 'replace', value })
    return settleSkipped(draft, place)
  }
  if (verb === 'waive') return settleSkipped(draft, place)
  if (verb === 'edit') {
    changeValue(draft, place, { kind: 'replace', value: data })
    change(draft, place, { input: data, request: undefined })
  }
  findOutAgain(draft, place)
}

/** Tries once more what was given up. */
function findOutAgain(draft: Draft, place: Place): void {
  const { node } = place
  const probes = node.kind === 'step' && node.probes && nodeOf(draft, place)?.status === 'unknown'
  const retryAt = undefined
  change(draft, place, { status: probes ? 'probing' : 'ready', tries: 0, timedOut: false, retryAt })
  change(draft, place, { firstBegunAt: draft.at })
  const after = nodeOf(draft, place)
  if (after?.undo !== undefined) change(draft, place, { undo: undefined })
  close(draft, place)
  open(draft, place)
  unstick(draft, place)
}
