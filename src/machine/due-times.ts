/** When something is due without anybody telling. */
import type { Nanoseconds } from '../clock.ts'
import type { Definition, StepNode } from './definition.ts'
import type { DefinitionIndex } from './definition-index.ts'
import { undoOf } from './draft.ts'
import { nanosecondsOf } from './pause.ts'
import type { ExecutionState, NodeState } from './state.ts'

/** When the deadline of the execution is, while it still counts. */
export function deadlineAt(
  definition: Definition,
  state: ExecutionState,
  index: DefinitionIndex,
): Nanoseconds | undefined {
  if (definition.deadlineMs === undefined || state.unwinding || state.forward !== 'running') {
    return undefined
  }
  if (isPastPivot(state, index)) return undefined
  return state.startedAt + nanosecondsOf(definition.deadlineMs)
}

/** When the time of a step with all its attempts is up. */
export function stepEndsAt(step: StepNode, node: NodeState): Nanoseconds | undefined {
  if (step.timeoutMs === undefined || node.timedOut || !isOnItsWay(node)) return undefined
  return node.firstBegunAt + nanosecondsOf(step.timeoutMs)
}

/**
 * When the time of the running attempt is up: of what goes on outside of the process that waits for
 * it. The attempts of operations are timed where they run.
 */
export function attemptEndsAt(step: StepNode, node: NodeState): Nanoseconds | undefined {
  if (step.attemptTimeoutMs === undefined || node.status !== 'begun') return undefined
  const isOutside =
    step.does === 'request' || (step.does === 'signal' && node.received === undefined)
  return isOutside ? node.begunAt + nanosecondsOf(step.attemptTimeoutMs) : undefined
}

/** When the reply to the undo of a request is not waited for any more. */
export function undoEndsAt(step: StepNode, node: NodeState): Nanoseconds | undefined {
  const undo = node.undoing === undefined ? undefined : undoOf(node, node.undoing)
  if (undo?.status !== 'begun' || undo.request === undefined || undo.begunAt === undefined) {
    return undefined
  }
  const timeoutMs = step.undoTimeoutMs ?? step.attemptTimeoutMs
  return timeoutMs === undefined ? undefined : undo.begunAt + nanosecondsOf(timeoutMs)
}

/**
 * Whether the point of no return is behind, or may be: from the first attempt of the pivot on, until
 * it is certain that it did not happen.
 */
export function isPastPivot(state: ExecutionState, index: DefinitionIndex): boolean {
  const { pivot } = index
  const node = pivot === undefined ? undefined : state.nodes.get(pivot.node.path)
  switch (node?.status) {
    case undefined:
    case 'refused':
    case 'failed':
      return false
    case 'ready':
    case 'pausing':
      return node.mayHaveHappened
    default:
      return true
  }
}

function isOnItsWay({ status }: NodeState): boolean {
  return status === 'ready' || status === 'begun' || status === 'pausing'
}
