/** What is due: pauses that are over, attempts and steps whose time is up, the deadline. */
import type { Nanoseconds } from '../clock.ts'
import { type Deciding, record } from './decision.ts'
import { recordFailure } from './decide-outcome.ts'
import { recordUndoFailure } from './decide-undo.ts'
import type { Place } from './definition-index.ts'
import { nodeOf, placeOf, stepAt, undoOf } from './draft.ts'
import { attemptEndsAt, deadlineAt, stepEndsAt, undoEndsAt } from './due-times.ts'
import { failureOf } from './failures.ts'
import type { Failure } from './journal.ts'
import type { NodeState } from './state.ts'

/** Decides everything that is due; what is due because of that, too. */
export function decideTime(deciding: Deciding): void {
  const { draft } = deciding
  const { at } = draft
  draft.hasPause = true
  const deadline = deadlineAt(draft.definition, draft.state, draft.index)
  if (deadline !== undefined && deadline <= at) {
    record(deciding, { kind: 'deadline-passed', at, begins: [], turns: undefined })
  }
  for (const path of draft.state.open) {
    const place = placeOf(draft, path)
    const node = place === undefined ? undefined : nodeOf(draft, place)
    if (place !== undefined && node !== undefined) endTimes(deciding, place, node, at)
  }
}

/** Ends every pause that is over. */
export function resumeDue(deciding: Deciding): void {
  const { draft } = deciding
  if (!draft.hasPause) return
  for (const path of draft.state.open) {
    const place = placeOf(draft, path)
    const node = place === undefined ? undefined : nodeOf(draft, place)
    if (place === undefined || node === undefined) continue
    const undo = node.undoing === undefined ? undefined : undoOf(node, node.undoing)
    const isForward = node.status === 'pausing'
    const retryAt = isForward ? node.retryAt : undo?.status === 'pausing' ? undo.retryAt : undefined
    if (retryAt === undefined || retryAt > draft.at) continue
    const direction = isForward ? 'forward' : 'backward'
    const { at } = draft
    record(deciding, { kind: 'resumed', path, direction, at, begins: [], turns: undefined })
  }
}

function endTimes(deciding: Deciding, place: Place, node: NodeState, at: Nanoseconds): void {
  const step = stepAt(place)
  if (step === undefined) return
  const { path } = step
  const stepEnds = stepEndsAt(step, node)
  if (stepEnds !== undefined && stepEnds <= at) {
    const failure = timeoutFailure(path, step.does, node)
    record(deciding, { kind: 'timed-out', path, failure, at, begins: [], turns: undefined })
    return
  }
  const undoEnds = undoEndsAt(step, node)
  if (undoEnds !== undefined && undoEnds <= at) {
    const failure = failureOf(path, 'unknown', 'ATTEMPT_TIMED_OUT')
    return recordUndoFailure(deciding, place, node.undoAttempt, failure)
  }
  const attemptEnds = attemptEndsAt(step, node)
  if (attemptEnds === undefined || attemptEnds > at) return
  const outcome = step.does === 'signal' ? 'failed' : 'unknown'
  recordFailure(deciding, place, node.attempt, failureOf(path, outcome, 'ATTEMPT_TIMED_OUT'))
}

/** A request that was sent may have been heard; a signal or a pause leaves nothing behind. */
function timeoutFailure(path: string, does: string, node: NodeState): Failure {
  const mayBe = node.mayHaveHappened || (does !== 'signal' && node.status === 'begun')
  return failureOf(path, mayBe ? 'unknown' : 'failed', 'STEP_TIMED_OUT')
}
