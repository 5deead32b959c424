/** What one entry does to the state of its execution. */
import type { Path } from './definition.ts'
import type { Place } from './definition-index.ts'
import {
  change,
  close,
  type Draft,
  nodeOf,
  open,
  placeOf,
  putUndo,
  stepAt,
  stick,
  undoOf,
  unstick,
  valueAt,
  writableNode,
  writableValues,
} from './draft.ts'
import { applyChild } from './apply-child.ts'
import { applyResolved } from './apply-resolved.ts'
import type { Backward, Begin, Entry } from './journal.ts'
import { cancelFailure, deadlineFailure, failureOf, INTERRUPTED } from './failures.ts'
import { joinBranches } from './join-branches.ts'
import { changeValue, settleFailure, settleSkipped, settleSuccess } from './settle.ts'
import type { NodeState } from './state.ts'
import { turnBack } from './unwind.ts'
import { goBack } from './walk-back.ts'
import { enter, leave } from './walk-forward.ts'
import { whichUndo } from './which-undo.ts'

/** Follows an entry whole: what happened, what began, and how the execution stands then. */
export function applyEntry(draft: Draft, entry: Entry): void {
  applyHappened(draft, entry)
  for (const begin of entry.begins) applyBegin(draft, begin)
  finishEntry(draft)
}

/** Follows what happened, not yet what began because of it. */
export function applyHappened(draft: Draft, entry: Entry): void {
  draft.at = entry.at
  draft.state.changedAt = entry.at
  draft.state.entries++
  applyKind(draft, entry)
}

/** Follows something that begins. */
export function applyBegin(draft: Draft, begin: Begin): void {
  const place = placeOf(draft, begin.path)
  const node = place === undefined ? undefined : nodeOf(draft, place)
  if (place !== undefined && node !== undefined) applyBeginAt(draft, place, node, begin)
}

/** The same where its place has been found. */
export function applyBeginAt(draft: Draft, place: Place, node: NodeState, begin: Begin): void {
  open(draft, place)
  if (begin.direction === 'forward') beginForward(draft, place, node, begin)
  else beginBackward(draft, place, node, begin)
}

/** Works out how the execution stands after an entry. */
export function finishEntry({ state }: Draft): void {
  state.backward = backwardOf(state)
}

function backwardOf(state: Draft['state']): Backward {
  const isIdle = state.open.length === 0
  if (isIdle && state.stuck.length > 0) return 'stuck'
  if (state.forward === 'running') return 'not-needed'
  if (state.unwinding && !isIdle) return 'running'
  if (state.waived) return 'waived'
  return state.unwinding && state.undoes ? 'done' : 'not-needed'
}

function applyKind(draft: Draft, entry: Entry): void {
  const { state } = draft
  switch (entry.kind) {
    case 'started':
      return enter(draft, draft.index.root)
    case 'signalled':
      return applySignal(draft, entry)
    case 'deadline-passed':
      return turnBack(draft, 'failed', deadlineFailure())
    case 'cancelled':
      return turnBack(draft, 'cancelled', cancelFailure(entry.reason))
    case 'compensation-requested':
      // Whoever asked is told that it is done, also when nothing of it has an undo.
      state.undoes = true
      return turnBack(draft, state.forward, undefined)
    default: {
      const place = placeOf(draft, entry.path)
      const node = place === undefined ? undefined : nodeOf(draft, place)
      if (place !== undefined && node !== undefined) applyAt(draft, place, node, entry)
    }
  }
}

type EntryAt = Extract<Entry, { readonly path: Path }>

function applyAt(draft: Draft, place: Place, node: NodeState, entry: EntryAt): void {
  switch (entry.kind) {
    case 'prepared':
      return applyPrepared(draft, place, entry)
    case 'chosen':
      return applyChosen(draft, place, entry.branch)
    case 'succeeded':
      noteServices(draft, place, entry.services)
      return settleSuccess(draft, place, entry.change)
    case 'failed':
      return applyFailed(draft, place, node, entry)
    case 'probed':
      return applyProbed(draft, place, node, entry)
    case 'timed-out':
      return applyTimedOut(draft, place, node, entry)
    case 'child':
      return applyChild(draft, place, node, entry)
    case 'joined':
      return applyJoined(draft, place, node, entry)
    case 'undone':
      changeValue(draft, place, entry.change)
      return endUndo(draft, place, node, { status: 'done', failure: undefined })
    case 'undo-failed':
      return applyUndoFailed(draft, place, node, entry)
    case 'undo-added':
      return applyUndoAdded(draft, place, node, entry)
    case 'resumed':
      return entry.direction === 'forward'
        ? change(draft, place, { status: 'ready', retryAt: undefined })
        : changeUndo(draft, place, node, { status: 'ready', retryAt: undefined })
    case 'resolved':
      return applyResolved(draft, place, node, entry)
  }
}

type EntryOf<K extends Entry['kind']> = Extract<Entry, { readonly kind: K }>

function beginForward(draft: Draft, place: Place, node: NodeState, begin: Begin): void {
  const next = writableNode(draft, place, node)
  next.status = 'begun'
  next.attempt = begin.attempt
  next.tries++
  next.begunAt = draft.at
  next.retryAt = undefined
  if (begin.request !== undefined) next.request = begin.request
  const signal = stepAt(place)?.signal
  if (signal !== undefined) next.received ??= takeSignal(draft, signal)
}

function beginBackward(draft: Draft, place: Place, node: NodeState, begin: Begin): void {
  const which = node.undoing ?? -1
  const undo = undoOf(node, which)
  if (undo === undefined) return
  change(draft, place, { undoAttempt: begin.attempt })
  const given = undo.edited === undefined ? valueForUndo(draft, place, node) : undo.edited.data
  putUndo(draft, place, which, {
    ...undo,
    status: 'begun',
    attempt: begin.attempt,
    tries: undo.tries + 1,
    request: begin.request ?? undo.request,
    retryAt: undefined,
    begunAt: draft.at,
    by: undo.by ?? undoneBy(draft, place, node),
    given,
  })
}

function undoneBy({ definition }: Draft, place: Place, node: NodeState): 'own' | 'unknown' {
  const step = stepAt(place)
  return step !== undefined && whichUndo(definition, step, node) === 'unknown' ? 'unknown' : 'own'
}

function valueForUndo(draft: Draft, place: Place, node: NodeState): unknown {
  if (draft.definition.values === 'context') return valueAt(draft, place)
  return node.status === 'succeeded' ? node.output : node.input
}

function takeSignal(draft: Draft, signal: string): NodeState['received'] {
  const { state } = draft
  const at = state.signals.findIndex((one) => one.signal === signal)
  if (at < 0) return undefined
  const taken = state.signals[at]
  state.signals = state.signals.toSpliced(at, 1)
  return taken
}

function applySignal(draft: Draft, { signal, data }: EntryOf<'signalled'>): void {
  const { state } = draft
  for (const path of state.open) {
    const place = placeOf(draft, path)
    const node = place === undefined ? undefined : nodeOf(draft, place)
    if (place === undefined || stepAt(place)?.signal !== signal) continue
    if (node?.status === 'begun' && node.received === undefined) {
      return change(draft, place, { received: { signal, data } })
    }
  }
  state.signals = [...state.signals, { signal, data }]
}

function applyPrepared(draft: Draft, place: Place, entry: EntryOf<'prepared'>): void {
  const isSent = entry.begins.some(
    ({ path, direction }) => path === entry.path && direction === entry.direction,
  )
  if (isSent) return
  if (entry.direction === 'forward') return settleSkipped(draft, place)
  const node = nodeOf(draft, place)
  if (node !== undefined) endUndo(draft, place, node, { status: 'not-needed' })
}

function applyChosen(draft: Draft, place: Place, branch: number): void {
  change(draft, place, { status: 'chosen', branch, failure: undefined })
  close(draft, place)
  unstick(draft, place)
  const chosen = place.children[branch]
  if (chosen === undefined) leave(draft, place)
  else enter(draft, chosen)
}

function applyFailed(draft: Draft, place: Place, node: NodeState, entry: EntryOf<'failed'>): void {
  const { failure, again } = entry
  noteServices(draft, place, entry.services)
  const isUnknown = failure.outcome === 'unknown'
  const isPreparing = node.status === 'ready'
  // That a process went away says nothing about the step: it does not count for its policy.
  const isInterrupted = again !== undefined && failure.code === INTERRUPTED
  change(draft, place, {
    attempt: Math.max(node.attempt, entry.attempt),
    tries: isPreparing ? node.tries + 1 : isInterrupted ? node.tries - 1 : node.tries,
    mayHaveHappened: node.mayHaveHappened || isUnknown,
    failure,
    retryAt: again,
  })
  if (again !== undefined) pause(draft, place)
  else if (isUnknown && stepAt(place)?.probes === true) change(draft, place, { status: 'probing' })
  else settleFailure(draft, place, failure, entry.happened)
}

function pause(draft: Draft, place: Place): void {
  draft.hasPause = true
  change(draft, place, { status: 'pausing' })
}

function applyProbed(draft: Draft, place: Place, node: NodeState, entry: EntryOf<'probed'>): void {
  const { found, again } = entry
  const mayHaveHappened = found.kind !== 'did-not-happen'
  change(draft, place, { found: found.kind, mayHaveHappened, retryAt: again })
  if (found.kind === 'happened') return settleSuccess(draft, place, found.change)
  if (again !== undefined) return pause(draft, place)
  const failure = node.failure ?? failureOf(place.node.path, 'unknown', INTERRUPTED)
  const outcome = mayHaveHappened ? 'unknown' : 'failed'
  settleFailure(draft, place, { ...failure, outcome }, false)
}

function applyTimedOut(
  draft: Draft,
  place: Place,
  node: NodeState,
  { failure }: EntryOf<'timed-out'>,
): void {
  const does = stepAt(place)?.does
  change(draft, place, { timedOut: true })
  const runs = node.status === 'begun' && (does === 'operation' || does === 'execution')
  if (runs || node.status === 'probing') return
  settleFailure(draft, place, failure, false)
}

function applyJoined(draft: Draft, place: Place, node: NodeState, entry: EntryOf<'joined'>): void {
  if (place.node.kind !== 'parallel') return
  if (entry.failure !== undefined) return settleFailure(draft, place, entry.failure, false)
  const left = place.children.map((branch) => draft.state.values.get(branch.line))
  const { value } = joinBranches(place.node.join, node.input, left)
  for (const branch of place.children) writableValues(draft).delete(branch.line)
  changeValue(draft, place, { kind: 'replace', value })
  change(draft, place, { status: 'joined' })
  close(draft, place)
  unstick(draft, place)
  leave(draft, place)
}

function applyUndoFailed(
  draft: Draft,
  place: Place,
  node: NodeState,
  { failure, again, attempt }: EntryOf<'undo-failed'>,
): void {
  const undo = undoOf(node, node.undoing ?? -1)
  const tries = (undo?.tries ?? 0) + (undo?.status === 'ready' ? 1 : 0)
  change(draft, place, { undoAttempt: Math.max(node.undoAttempt, attempt) })
  if (again !== undefined) {
    draft.hasPause = true
    return changeUndo(draft, place, node, { status: 'pausing', retryAt: again, failure, tries })
  }
  endUndo(draft, place, node, { status: 'stuck', failure, attempt, tries })
}

/** One of the undos of a node has ended, for better or worse. */
function endUndo(
  draft: Draft,
  place: Place,
  node: NodeState,
  fields: Partial<NonNullable<NodeState['undo']>>,
): void {
  changeUndo(draft, place, node, { ...fields, retryAt: undefined })
  change(draft, place, { undoing: undefined })
  close(draft, place)
  if (fields.status === 'stuck') stick(draft, place)
  else unstick(draft, place)
  goBack(draft, place)
}

function changeUndo(
  draft: Draft,
  place: Place,
  node: NodeState,
  fields: Partial<NonNullable<NodeState['undo']>>,
): void {
  const which = node.undoing ?? -1
  const undo = undoOf(node, which)
  if (undo !== undefined) putUndo(draft, place, which, { ...undo, ...fields })
}

function applyUndoAdded(
  draft: Draft,
  place: Place,
  node: NodeState,
  { name, data }: EntryOf<'undo-added'>,
): void {
  change(draft, place, { added: [...node.added, { name, data, undo: undefined }] })
  // An operation that was given up still registers what is to be undone.
  if (draft.state.undoing) goBack(draft, place)
}

function noteServices(draft: Draft, place: Place, services: readonly string[] | undefined): void {
  if (services === undefined || services.length === 0) return
  const known = nodeOf(draft, place)?.services ?? []
  change(draft, place, { services: [...new Set([...known, ...services])] })
}
