/**
 * Turning back.
 *
 * 1. Nothing new begins forward. What runs settles first; only then anything is undone.
 * 2. What waits only inside this machine (a pause, a request not built yet, a choice, a signal) has
 *    nothing to settle and ends at once.
 * 3. A request whose reply is not waited for any more has an unknown outcome. After a cancellation or
 *    the deadline it is waited for only when its undo needs it, and only within its own time.
 */
import type { Place } from './definition-index.ts'
import { commonGroup } from './definition-index.ts'
import { change, close, type Draft, nodeOf, placeOf, stepAt } from './draft.ts'
import type { StepNode } from './definition.ts'
import type { Failure, Forward } from './journal.ts'
import type { AbortWhy } from './action.ts'
import type { DefinitionIndex } from './definition-index.ts'
import type { ExecutionState, NodeState } from './state.ts'
import { startBack } from './walk-back.ts'
import { undoesUnknown } from './which-undo.ts'

/** Turns back. The first failure stays. */
export function turnBack(draft: Draft, forward: Forward, failure: Failure | undefined): void {
  const { state } = draft
  if (state.unwinding) return
  state.unwinding = true
  state.forward = forward
  state.failure ??= failure
  for (const path of state.open) {
    const place = placeOf(draft, path)
    const node = place === undefined ? undefined : nodeOf(draft, place)
    if (place !== undefined && node !== undefined) giveUpWaiting(draft, place, node)
  }
  for (const path of state.stuck) {
    const place = placeOf(draft, path)
    if (place !== undefined) change(draft, place, { stuckAt: undefined })
  }
  state.stuck = []
  undoWhenSettled(draft)
}

/** Begins to undo as soon as nothing runs forward any more. */
export function undoWhenSettled(draft: Draft): void {
  const { state } = draft
  if (state.unwinding && !state.undoing && state.open.length === 0) startBack(draft)
}

/** Why what runs at a place is told to stop, if it is: for the way back, not for its own time. */
export function whyAborted(
  state: ExecutionState,
  index: DefinitionIndex,
  place: Place,
): Exclude<AbortWhy, 'timeout'> | undefined {
  if (!state.unwinding || state.undoing || state.failure === undefined) return undefined
  if (state.forward === 'cancelled') return 'cancelled'
  if (state.failure.path === '') return 'deadline'
  const failed = index.byPath.get(state.failure.path)
  const group = failed === undefined ? undefined : commonGroup(failed, place)
  return group?.node.kind === 'parallel' && group.node.abortSiblings ? 'sibling-failed' : undefined
}

function giveUpWaiting(draft: Draft, place: Place, node: NodeState): void {
  const step = stepAt(place)
  const end = (status: NodeState['status']): void => {
    change(draft, place, { status, retryAt: undefined })
    close(draft, place)
  }
  if (step === undefined) return end('skipped')
  switch (node.status) {
    case 'ready':
      return end(node.attempt === 0 ? 'skipped' : node.mayHaveHappened ? 'unknown' : 'failed')
    case 'pausing':
      return end(node.mayHaveHappened ? 'unknown' : 'failed')
    case 'begun':
      if (step.does === 'signal') return end('failed')
      if (step.does === 'request' && isNotWaitedFor(draft, place, step)) {
        const { failure } = draft.state
        if (failure !== undefined) {
          change(draft, place, { failure: { ...failure, path: step.path, outcome: 'unknown' } })
        }
        return end('unknown')
      }
      return
    default:
      return
  }
}

/**
 * A reply is still waited for, as long as its time is not up, when the undo needs what it says. When
 * nothing bounds the wait it ends now; a reply that comes all the same settles the step then.
 */
function isNotWaitedFor({ state, index }: Draft, place: Place, step: StepNode): boolean {
  if (whyAborted(state, index, place) === undefined) return false
  const isBounded = step.attemptTimeoutMs !== undefined || step.timeoutMs !== undefined
  return undoesUnknown(step) || !isBounded
}
