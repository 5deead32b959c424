/** What a decision is, and how its entries are made. */
import { applyBegin, applyBeginAt, applyHappened, finishEntry } from './apply-entry.ts'
import type { Action } from './action.ts'
import type { Place } from './definition-index.ts'
import { type Draft, nodeOf, placeOf, stepAt, undoOf } from './draft.ts'
import type { Begin, Entry, Turn } from './journal.ts'
import { failureOf } from './failures.ts'
import { joinBranches } from './join-branches.ts'
import type { ExecutionState, NodeState } from './state.ts'

/** The answer to one input. */
export type Decision = {
  /** The state after the entries. */
  readonly state: ExecutionState
  /** What is to be journalled; none when the input decides nothing. */
  readonly entries: readonly Entry[]
  /** All that is to be done in that state; performed once per process, by their keys. */
  readonly actions: readonly Action[]
  /** Why a wish of a caller was not met; absent for everything else. */
  readonly refused?: RefusedBecause | undefined
}

/**
 * `PAST_PIVOT`: it has passed, or is passing, its point of no return. `ENDED`: nothing goes forward
 * any more. `NOT_COMPLETED`: only what completed can be undone on request. `NO_SUCH_ITEM`: nothing
 * waits for an operator there. `VERB_NOT_ALLOWED`: not for this kind of item.
 */
export type RefusedBecause =
  'PAST_PIVOT' | 'ENDED' | 'NOT_COMPLETED' | 'NO_SUCH_ITEM' | 'VERB_NOT_ALLOWED'

/** A decision being made. */
export type Deciding = {
  readonly draft: Draft
  entries: Entry[]
  /** Randomness for the pauses of this decision. */
  readonly random: number
  refused: RefusedBecause | undefined
}

/** An entry before it is known what begins because of it. */
export type EntryDraft = Entry & { begins: Begin[]; turns?: Turn | undefined }

/** Journals something, and what follows from it at once. */
export function record(deciding: Deciding, entry: EntryDraft): void {
  recordOne(deciding, entry)
  const { draft } = deciding
  while (draft.hasJoining) {
    draft.hasJoining = false
    const joining = draft.state.open.find(
      (path) => draft.state.nodes.get(path)?.status === 'joining',
    )
    if (joining === undefined) return
    const place = placeOf(draft, joining)
    if (place === undefined) return
    // What is joined may be the last branch of a group around it; others may be joining as well.
    draft.hasJoining = true
    recordOne(deciding, joinedEntry(draft, place))
  }
}

function recordOne(deciding: Deciding, entry: EntryDraft): void {
  const { draft } = deciding
  const { state } = draft
  const { forward, backward } = state
  applyHappened(draft, entry)
  for (const begin of entry.begins) applyBegin(draft, begin)
  for (const path of state.open) {
    const place = placeOf(draft, path)
    const node = place === undefined ? undefined : nodeOf(draft, place)
    if (place === undefined || node === undefined) continue
    const begin = beginAt(place, node)
    if (begin === undefined) continue
    // Most lists have one member: a literal of that size is cheaper than one that grows.
    if (entry.begins.length === 0) entry.begins = [begin]
    else entry.begins.push(begin)
    applyBeginAt(draft, place, node, begin)
  }
  finishEntry(draft)
  if (state.forward !== forward || state.backward !== backward) {
    entry.turns = turnOf(state, forward === 'running' && state.forward !== 'running')
  }
  if (deciding.entries.length === 0) deciding.entries = [entry]
  else deciding.entries.push(entry)
}

function turnOf(state: ExecutionState, isTurning: boolean): Turn {
  const { forward, backward, failure } = state
  return isTurning && failure !== undefined ? { forward, backward, failure } : { forward, backward }
}

function beginAt(place: Place, node: NodeState): Begin | undefined {
  const step = stepAt(place)
  if (step === undefined) return undefined
  if (node.status === 'ready') {
    const { path } = step
    const attempt = node.attempt + 1
    if (step.does !== 'request') return { path, direction: 'forward', attempt }
    const { request } = node
    return request === undefined ? undefined : { path, direction: 'forward', attempt, request }
  }
  return beginUndoAt(step.path, node, step.does === 'request')
}

function beginUndoAt(path: string, node: NodeState, isRequest: boolean): Begin | undefined {
  const which = node.undoing
  if (which === undefined) return undefined
  const undo = undoOf(node, which)
  if (undo?.status !== 'ready') return undefined
  const attempt = node.undoAttempt + 1
  if (!isRequest || !isOwnUndo(node, which)) return { path, direction: 'backward', attempt }
  const { request } = undo
  return request === undefined ? undefined : { path, direction: 'backward', attempt, request }
}

/** Whether the undo is the step's own, not one that stands under a name. */
export function isOwnUndo(node: NodeState, which: number): boolean {
  return undoOf(node, which)?.replacedBy === undefined && (which < 0 || isLate(node, which))
}

function isLate(node: NodeState, which: number): boolean {
  return node.added[which]?.name === ''
}

function joinedEntry(draft: Draft, place: Place): EntryDraft {
  const { path } = place.node
  const entry = { kind: 'joined', path, at: draft.at, begins: [] } as const
  if (place.node.kind !== 'parallel') return { ...entry, begins: [] }
  const left = place.children.map((branch) => draft.state.values.get(branch.line))
  const joined = joinBranches(place.node.join, nodeOf(draft, place)?.input, left)
  if (joined.kind === 'value') return { ...entry, begins: [] }
  const failure = failureOf(path, 'failed', 'BRANCHES_CONFLICT')
  const named = { ...failure, message: `${failure.message}: ${joined.key}` }
  return { ...entry, begins: [], failure: named }
}
