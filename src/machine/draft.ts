/**
 * A state being made. One decision or fold writes into its draft and nobody else sees it; the state
 * that comes out is never written into again.
 */
import type { Nanoseconds } from '../clock.ts'
import type { Definition, Path, StepNode } from './definition.ts'
import { type DefinitionIndex, indexOf, type Place } from './definition-index.ts'
import { NodeTable } from './node-table.ts'
import type { ExecutionState, NodeState, UndoState } from './state.ts'

/** The fields of a state, open for writing. */
export type WritableState = { -readonly [K in keyof ExecutionState]: ExecutionState[K] }

/** See above. */
export type Draft = {
  readonly definition: Definition
  readonly index: DefinitionIndex
  readonly state: WritableState
  readonly nodes: (NodeState | undefined)[]
  /** Whether the states of nodes are this draft's own as well, so that they may be written into. */
  readonly ownsNodes: boolean
  /** The values, when they are this draft's own: once something was written into them. */
  values: Map<Path, unknown> | undefined
  /** Whether a group may be joining, and whether a pause may be over. */
  hasJoining: boolean
  hasPause: boolean
  /** When the entry at hand was made. */
  at: Nanoseconds
  /** What was last looked for; most of the time it is looked for again. */
  lastPlace: Place | undefined
}

/** A draft that starts from a state. */
export function draftFrom(definition: Definition, before: ExecutionState): Draft {
  const index = indexOf(definition)
  const nodes = [...(before.nodes as NodeTable).list]
  const state: WritableState = {
    id: before.id,
    definition: before.definition,
    fingerprint: before.fingerprint,
    correlationId: before.correlationId,
    parent: before.parent,
    startedAt: before.startedAt,
    changedAt: before.changedAt,
    entries: before.entries,
    input: before.input,
    forward: before.forward,
    backward: before.backward,
    failure: before.failure,
    values: before.values,
    nodes: new NodeTable(index, nodes),
    signals: before.signals,
    open: before.open,
    stuck: before.stuck,
    unwinding: before.unwinding,
    undoing: before.undoing,
    undoes: before.undoes,
    waived: before.waived,
  }
  return {
    definition,
    index,
    state,
    nodes,
    ownsNodes: false,
    values: undefined,
    hasJoining: false,
    hasPause: false,
    at: before.changedAt,
    lastPlace: undefined,
  }
}

/** What a node looks like when it is reached. */
export function reachedNode(input: unknown, at: Nanoseconds): NodeState {
  return {
    status: 'ready',
    attempt: 0,
    tries: 0,
    mayHaveHappened: false,
    timedOut: false,
    begunAt: at,
    firstBegunAt: at,
    input,
    output: undefined,
    request: undefined,
    branch: undefined,
    failure: undefined,
    found: undefined,
    retryAt: undefined,
    services: undefined,
    received: undefined,
    child: undefined,
    remaining: undefined,
    stuckAt: undefined,
    passed: false,
    undoAttempt: 0,
    undoing: undefined,
    undo: undefined,
    added: NONE,
  }
}

// Not frozen: loops over lists of two kinds are several times slower.
const NONE: readonly never[] = []

/** The place of a path, when the definition has it. */
export function placeOf(draft: Draft, path: Path): Place | undefined {
  const { lastPlace } = draft
  if (lastPlace !== undefined && lastPlace.node.path === path) return lastPlace
  const place = draft.index.byPath.get(path)
  draft.lastPlace = place
  return place
}

/** The state of a node that has been reached. */
export function nodeOf(draft: Draft, place: Place): NodeState | undefined {
  return draft.nodes[place.number]
}

/** Changes what is given of a node that has been reached. */
export function change(draft: Draft, place: Place, fields: Partial<NodeState>): void {
  const node = draft.nodes[place.number]
  // Two spreads in one literal would be several times slower.
  if (node !== undefined) draft.nodes[place.number] = Object.assign({ ...node }, fields)
}

/** The fields of a node, open for writing. */
export type WritableNode = { -readonly [K in keyof NodeState]: NodeState[K] }

/** The state of a node to be written into, as it is or as a copy put in its place. */
export function writableNode(draft: Draft, place: Place, node: NodeState): WritableNode {
  if (draft.ownsNodes) return node
  const copy = { ...node }
  draft.nodes[place.number] = copy
  return copy
}

/** The step at a place, if it is one. */
export function stepAt(place: Place | undefined): StepNode | undefined {
  return place?.node.kind === 'step' ? place.node : undefined
}

/** Something goes on at a node. */
export function open({ state }: Draft, { node }: Place): void {
  if (state.open.length === 0) state.open = [node.path]
  else if (!state.open.includes(node.path)) state.open = [...state.open, node.path]
}

/** Nothing goes on at a node any more. */
export function close({ state }: Draft, { node }: Place): void {
  if (state.open.length === 1 && state.open[0] === node.path) state.open = NONE
  else if (state.open.includes(node.path)) {
    state.open = state.open.filter((path) => path !== node.path)
  }
}

/** Something waits for an operator at a node. */
export function stick(draft: Draft, place: Place): void {
  const { state } = draft
  if (!state.stuck.includes(place.node.path)) state.stuck = [...state.stuck, place.node.path]
  change(draft, place, { stuckAt: draft.at })
}

/** Nothing waits for an operator at a node any more, unless one of its other undos does. */
export function unstick(draft: Draft, place: Place): void {
  const { state } = draft
  const node = nodeOf(draft, place)
  if (node === undefined || !state.stuck.includes(place.node.path)) return
  if (node.undo?.status === 'stuck' || node.added.some(({ undo }) => undo?.status === 'stuck')) {
    return
  }
  state.stuck = state.stuck.filter((path) => path !== place.node.path)
  change(draft, place, { stuckAt: undefined })
}

/** The line of work whose value a place goes on with: the nearest one that is not joined. */
export function lineOf(draft: Draft, place: Place): Path {
  // The main line is never joined.
  if (place.line === '') return ''
  let at: Place | undefined = place
  while (at !== undefined && !draft.state.values.has(at.line)) at = at.parent
  return at?.line ?? ''
}

/** The value a place goes on with. */
export function valueAt(draft: Draft, place: Place): unknown {
  return draft.state.values.get(lineOf(draft, place))
}

/** The values of the lines of work, for writing. */
export function writableValues(draft: Draft): Map<Path, unknown> {
  if (draft.values === undefined) {
    // Quicker than to hand the entries to the constructor.
    draft.values = new Map()
    for (const [line, value] of draft.state.values) draft.values.set(line, value)
    draft.state.values = draft.values
  }
  return draft.values
}

/** One of the undos of a node: -1 is its own, others are those that were added. */
export function undoOf(node: NodeState, which: number): UndoState | undefined {
  return which < 0 ? node.undo : node.added[which]?.undo
}

/** Puts one of the undos of a node. */
export function putUndo(draft: Draft, place: Place, which: number, undo: UndoState): void {
  const node = nodeOf(draft, place)
  if (node === undefined) return
  if (which < 0) change(draft, place, { undo })
  else {
    const added = node.added.map((one, at) => (at === which ? { ...one, undo } : one))
    change(draft, place, { added })
  }
}
