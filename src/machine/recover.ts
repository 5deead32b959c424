/** What a process does about executions that another one, now gone, was working on. */
import type { Nanoseconds } from '../clock.ts'
import { decideWith } from './decide.ts'
import { recordFailure } from './decide-outcome.ts'
import { decideTime } from './decide-time.ts'
import type { Deciding, Decision } from './decision.ts'
import type { Definition } from './definition.ts'
import type { Place } from './definition-index.ts'
import { nodeOf, placeOf, stepAt } from './draft.ts'
import { failureOf, INTERRUPTED } from './failures.ts'
import type { ExecutionState, NodeState } from './state.ts'
import { whyAborted } from './unwind.ts'

/**
 * Takes up an execution whose state was folded from its journal.
 *
 * 1. Requests are sent again under their ids, children asked for again, undos run again under their
 *    keys: all of that is safe, and needs no entry.
 * 2. An operation that was begun has an unknown outcome, and that is journalled. It is settled by its
 *    probe; else by the same operation with the same key, which does not count for its retry policy;
 *    else, when it may be run at most once or was told to stop already, it is given up as unknown.
 * 3. What became due in the meantime is decided.
 *
 * Like every decision: its entries, if any, are written before its actions are performed.
 */
export function recover(
  definition: Definition,
  state: ExecutionState,
  moment: { readonly at: Nanoseconds; readonly random: number },
): Decision {
  const takeUp = (deciding: Deciding): void => {
    const { draft } = deciding
    for (const path of draft.state.open) {
      const place = placeOf(draft, path)
      const node = place === undefined ? undefined : nodeOf(draft, place)
      if (place === undefined || node?.status !== 'begun') continue
      if (stepAt(place)?.does !== 'operation') continue
      const failure = failureOf(path, 'unknown', INTERRUPTED)
      const again = mayRunAgain(deciding, place, node) ? draft.at : undefined
      recordFailure(deciding, place, node.attempt, failure, { again })
    }
    decideTime(deciding)
  }
  return decideWith(definition, state, moment, takeUp, true)
}

function mayRunAgain({ draft }: Deciding, place: Place, node: NodeState): boolean {
  const step = stepAt(place)
  if (step === undefined || step.probes || step.atMostOnce || node.timedOut) return false
  return whyAborted(draft.state, draft.index, place) === undefined
}
