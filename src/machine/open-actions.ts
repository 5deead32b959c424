/** What is to be done now, from the state alone: after a crash the same comes out again. */
import type { Nanoseconds } from '../clock.ts'
import type { Action } from './action.ts'
import type { Definition, StepNode } from './definition.ts'
import { type DefinitionIndex, indexOf, type Place } from './definition-index.ts'
import { isOwnUndo } from './decision.ts'
import { type Draft, undoOf } from './draft.ts'
import { attemptEndsAt, deadlineAt, stepEndsAt, undoEndsAt } from './due-times.ts'
import { NodeTable } from './node-table.ts'
import type { ExecutionState, NodeState, UndoState } from './state.ts'
import { whyAborted } from './unwind.ts'

/** What openers of actions know beside the state. */
export type OpenOptions = {
  /** Whether what was begun was begun by a process that is gone. Default: false. */
  readonly isAgain?: boolean | undefined
}

/** All that is to be done in a state. */
export function openActions(
  definition: Definition,
  state: ExecutionState,
  options: OpenOptions = {},
): readonly Action[] {
  const known = { definition, index: indexOf(definition), lastPlace: undefined }
  return actionsIn(known, state, options.isAgain === true)
}

/** The same with the index at hand, and a place that may be looked for. */
export function actionsIn(
  known: Pick<Draft, 'definition' | 'index' | 'lastPlace'>,
  state: ExecutionState,
  isAgain: boolean,
): readonly Action[] {
  const { definition, index, lastPlace } = known
  const opening: Opening = { definition, index, state, isAgain, actions: NONE }
  let wakeAt = deadlineAt(definition, state, index)
  for (const path of state.open) {
    const place = lastPlace?.node.path === path ? lastPlace : index.byPath.get(path)
    const node = place === undefined ? undefined : (state.nodes as NodeTable).list[place.number]
    if (place === undefined || node === undefined) continue
    if (place.node.kind === 'step') {
      addForStep(opening, place, place.node, node)
      wakeAt = earlier(wakeAt, dueAt(place.node, node))
    } else if (place.node.kind === 'conditional' && node.status === 'ready') {
      add(opening, { key: `choose:${path}`, kind: 'choose', path, value: node.input })
    }
  }
  if (wakeAt !== undefined) add(opening, { key: `wake:${wakeAt}`, kind: 'wake', at: wakeAt })
  return opening.actions
}

/** Most states have one action: a literal of that size is cheaper than a list that grows. */
function add(opening: Opening, action: Action): void {
  if (opening.actions.length === 0) opening.actions = [action]
  else opening.actions.push(action)
}

const NONE: Action[] = []

type Opening = {
  readonly definition: Definition
  readonly index: DefinitionIndex
  readonly state: ExecutionState
  readonly isAgain: boolean
  actions: Action[]
}

function addForStep(opening: Opening, place: Place, step: StepNode, node: NodeState): void {
  const { path } = step
  const { attempt, input: value } = node
  switch (node.status) {
    case 'ready': {
      const key = `prepare:${path}:forward:${attempt + 1}`
      return add(opening, { key, kind: 'prepare', path, direction: 'forward', value })
    }
    case 'probing': {
      // An operator has it found out again, so a probe of one attempt may run several times.
      const key = `probe:${path}:${attempt}:${node.firstBegunAt}`
      return add(opening, { key, kind: 'probe', path, attempt, value })
    }
    case 'begun':
      return addForBegun(opening, place, step, node)
    case 'pausing':
      return
    default:
      return addForUndo(opening, place, step, node)
  }
}

function addForBegun(opening: Opening, place: Place, step: StepNode, node: NodeState): void {
  const { state } = opening
  const { path } = step
  const { attempt, input: value } = node
  const why = node.timedOut ? 'timeout' : whyAborted(state, opening.index, place)
  switch (step.does) {
    case 'operation': {
      const isAgain = opening.isAgain || node.mayHaveHappened
      const key = attempt === 1 ? place.firstRun : `run:${path}:${attempt}`
      add(opening, { key, kind: 'run', path, attempt, value, isAgain })
      break
    }
    case 'request': {
      const { request } = node
      const key = `send:${path}:forward:${attempt}`
      if (request !== undefined) {
        add(opening, { key, kind: 'send', path, direction: 'forward', attempt, request, value })
      }
      return
    }
    case 'signal':
      if (node.received !== undefined) {
        const { data } = node.received
        const key = `receive:${path}:${attempt}`
        add(opening, { key, kind: 'receive', path, attempt, value, data })
      }
      return
    case 'execution': {
      const definition = step.definition ?? ''
      const direction = 'forward'
      const key = `child:${path}:forward:${attempt}`
      add(opening, { key, kind: 'child', path, direction, attempt, definition, value })
      break
    }
  }
  if (why !== undefined) {
    const key = `abort:${path}:${attempt}:${why}`
    add(opening, { key, kind: 'abort', path, attempt, why })
  }
}

function addForUndo(opening: Opening, place: Place, step: StepNode, node: NodeState): void {
  const which = node.undoing
  const undo = which === undefined ? undefined : undoOf(node, which)
  if (which === undefined || undo === undefined) return
  const { path } = step
  const isOwn = isOwnUndo(node, which)
  if (undo.status === 'ready' && isOwn && step.does === 'request') {
    const key = `prepare:${path}:backward:${node.undoAttempt + 1}`
    const value = undo.edited === undefined ? valueNow(opening, step) : undo.edited.data
    add(opening, { key, kind: 'prepare', path, direction: 'backward', value })
  }
  if (undo.status !== 'begun') return
  const { attempt, request, given: value } = undo
  if (isOwn && request !== undefined) {
    const key = `send:${path}:backward:${attempt}`
    add(opening, { key, kind: 'send', path, direction: 'backward', attempt, request, value })
  } else if (isOwn && step.does === 'execution') {
    const definition = step.definition ?? ''
    const key = `child:${path}:backward:${attempt}`
    add(opening, { key, kind: 'child', path, direction: 'backward', attempt, definition, value })
  } else add(opening, undoAction(opening, place, node, which, undo))
}

function undoAction(
  { state, isAgain }: Opening,
  place: Place,
  node: NodeState,
  which: number,
  undo: UndoState,
): Action {
  const { path } = place.node
  const { attempt } = undo
  const named = undo.replacedBy ?? (which < 0 ? undefined : node.added[which])
  const data =
    undo.edited === undefined || undo.replacedBy !== undefined ? named?.data : undo.edited.data
  const own = undo.by ?? 'own'
  const isNamed = named !== undefined && named.name !== ''
  return {
    key: attempt === 1 ? place.firstUndo : `undo:${path}:${attempt}`,
    kind: 'undo',
    path,
    attempt,
    undo: isNamed ? { name: named.name, data } : own,
    value: named === undefined || isNamed ? undo.given : data,
    input: node.input,
    failure: state.failure,
    isAgain: isAgain || undo.tries > 1,
    part: partOf(undo, which, named?.name ?? ''),
  }
}

/** The name of an undo within its step: what its idempotency key is made of. */
function partOf(undo: UndoState, which: number, name: string): string {
  if (undo.replacedBy !== undefined) return `undo:${name}`
  if (which < 0) return 'undo'
  return name === '' ? 'undo:late' : `undo:${name}#${which}`
}

function valueNow({ definition, index, state }: Opening, step: StepNode): unknown {
  const node = state.nodes.get(step.path)
  if (definition.values === 'output')
    return node?.status === 'succeeded' ? node.output : node?.input
  let place = index.byPath.get(step.path)
  while (place !== undefined && !state.values.has(place.line)) place = place.parent
  return state.values.get(place?.line ?? '')
}

function dueAt(step: StepNode, node: NodeState): Nanoseconds | undefined {
  const { timeoutMs, attemptTimeoutMs, undoTimeoutMs } = step
  const isBounded =
    timeoutMs !== undefined || attemptTimeoutMs !== undefined || undoTimeoutMs !== undefined
  if (!isBounded && node.retryAt === undefined && node.undoing === undefined) return undefined
  const undo = node.undoing === undefined ? undefined : undoOf(node, node.undoing)
  const own = earlier(stepEndsAt(step, node), attemptEndsAt(step, node))
  const ends = earlier(own, undoEndsAt(step, node))
  if (node.status === 'pausing') return earlier(ends, node.retryAt)
  return undo?.status === 'pausing' ? earlier(ends, undo.retryAt) : ends
}

function earlier(
  one: Nanoseconds | undefined,
  other: Nanoseconds | undefined,
): Nanoseconds | undefined {
  if (one === undefined) return other
  return other === undefined || one < other ? one : other
}
