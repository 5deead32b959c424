/**
 * The saga machine: what follows from an input, as entries for the journal and as actions.
 *
 * 1. Pure: time and randomness come with the input; no state is written into.
 * 2. The state of a decision is the fold of its entries upon the state before.
 * 3. An input that comes twice, too late, or from elsewhere decides nothing. A late outcome that
 *    tells more than is known decides: what was given up and happened all the same is undone.
 */
import { codedError } from '../errors.ts'
import { decideOutcome } from './decide-outcome.ts'
import { decideRequest } from './decide-request.ts'
import { decideTime, resumeDue } from './decide-time.ts'
import { decideUndo } from './decide-undo.ts'
import { decideWish } from './decide-wish.ts'
import type { Definition } from './definition.ts'
import { type Decision, type Deciding, type EntryDraft, record } from './decision.ts'
import { type Draft, draftFrom } from './draft.ts'
import type { Input, Told } from './input.ts'
import type { Entry } from './journal.ts'
import { actionsIn } from './open-actions.ts'
import type { Moment } from './pause.ts'
import { startedDraft } from './started-draft.ts'
import type { ExecutionState } from './state.ts'

/**
 * Decides one input.
 *
 * @throws CodedError `EXECUTION_NOT_STARTED` for any input but `start` when there is no state
 */
export function decide(
  definition: Definition,
  state: ExecutionState | undefined,
  input: Input,
): Decision {
  if (state === undefined) return decideStart(definition, input, input).decision
  return decideIn(draftFrom(definition, state), state, input, input)
}

/** Decides the input that starts an execution; the draft is of the state that is decided. */
export function decideStart(
  definition: Definition,
  input: Told,
  moment: Moment,
): { readonly draft: Draft; readonly decision: Decision } {
  if (input.kind !== 'start') {
    throw codedError('EXECUTION_NOT_STARTED', { details: { input: input.kind } })
  }
  const first: EntryDraft & { readonly kind: 'started' } = {
    kind: 'started',
    id: input.id,
    definition: definition.name,
    fingerprint: input.fingerprint,
    input: input.value,
    parent: input.parent,
    correlationId: input.correlationId,
    at: moment.at,
    begins: [],
    turns: undefined,
  }
  const draft = startedDraft(definition, first)
  const deciding = decidingIn(draft, moment)
  record(deciding, first)
  return { draft, decision: decisionOf(deciding, draft.state, false) }
}

/** Decides an input in a draft, which holds the state before and is written into. */
export function decideIn(
  draft: Draft,
  before: ExecutionState,
  input: Told,
  moment: Moment,
): Decision {
  const deciding = decidingIn(draft, moment)
  interpret(deciding, input)
  return decisionOf(deciding, before, false)
}

/** Makes a decision out of what is recorded in it. */
export function decideWith(
  definition: Definition,
  state: ExecutionState,
  moment: Moment,
  step: (deciding: Deciding) => void,
  isAgain = false,
): Decision {
  const deciding = decidingIn(draftFrom(definition, state), moment)
  step(deciding)
  return decisionOf(deciding, state, isAgain)
}

function decidingIn(draft: Draft, { at, random }: Moment): Deciding {
  const { changedAt } = draft.state
  // Clocks of processes differ; the journal of an execution never goes back.
  draft.at = at < changedAt ? changedAt : at
  return { draft, entries: NO_ENTRIES, random, refused: undefined }
}

function decisionOf(deciding: Deciding, before: ExecutionState, isAgain: boolean): Decision {
  resumeDue(deciding)
  const { draft, entries, refused } = deciding
  const state = entries.length === 0 ? before : draft.state
  const actions = actionsIn(draft, state, isAgain)
  return { state, entries, actions, refused }
}

const NO_ENTRIES: Entry[] = []

function interpret(deciding: Deciding, input: Told): void {
  switch (input.kind) {
    case 'start':
      return
    case 'prepared':
    case 'prepare-failed':
    case 'chosen':
    case 'choice-failed':
      return decideRequest(deciding, input)
    case 'succeeded':
    case 'failed':
    case 'probed':
    case 'child':
      return decideOutcome(deciding, input)
    case 'undone':
    case 'undo-failed':
    case 'undo-added':
      return decideUndo(deciding, input)
    case 'time':
      return decideTime(deciding)
    case 'signal':
    case 'cancel':
    case 'compensate':
    case 'resolve':
      return decideWish(deciding, input)
  }
}
