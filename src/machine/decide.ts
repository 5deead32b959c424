/**
 * The saga machine: what follows from an input, as entries for the journal and as actions.
 *
 * 1. Pure: time and randomness come with the input; no state is written into.
 * 2. The state of a decision is the fold of its entries upon the state before.
 * 3. An input that comes twice, too late, or from elsewhere decides nothing. A late outcome that
 *    tells more than is known decides: what was given up and happened all the same is undone.
 */
import { codedError } from '../errors.ts'
import type { Nanoseconds } from '../clock.ts'
import { decideOutcome } from './decide-outcome.ts'
import { decideRequest } from './decide-request.ts'
import { decideTime, resumeDue } from './decide-time.ts'
import { decideUndo } from './decide-undo.ts'
import { decideWish } from './decide-wish.ts'
import type { Definition } from './definition.ts'
import { indexOf } from './definition-index.ts'
import { type Decision, type Deciding, record } from './decision.ts'
import { draftFrom } from './draft.ts'
import type { Input } from './input.ts'
import { openActions } from './open-actions.ts'
import { startedState } from './started-state.ts'
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
  if (input.kind === 'start') return start(definition, state, input)
  if (state === undefined)
    throw codedError('EXECUTION_NOT_STARTED', { details: { input: input.kind } })
  return decideWith(definition, state, input, (deciding) => interpret(deciding, input))
}

/** Makes a decision out of what is recorded in it. */
export function decideWith(
  definition: Definition,
  state: ExecutionState,
  moment: { readonly at: Nanoseconds; readonly random: number },
  step: (deciding: Deciding) => void,
  isAgain = false,
): Decision {
  const deciding = decidingFrom(definition, state, moment)
  step(deciding)
  resumeDue(deciding)
  const { draft, entries, refused } = deciding
  const after = entries.length === 0 ? state : draft.state
  return { state: after, entries, actions: openActions(definition, after, { isAgain }), refused }
}

function decidingFrom(
  definition: Definition,
  state: ExecutionState,
  moment: { readonly at: Nanoseconds; readonly random: number },
): Deciding {
  const draft = draftFrom(definition, state)
  // Clocks of processes differ; the journal of an execution never goes back.
  draft.at = moment.at < state.changedAt ? state.changedAt : moment.at
  return { draft, entries: [], random: moment.random, refused: undefined }
}

function start(
  definition: Definition,
  state: ExecutionState | undefined,
  input: Extract<Input, { readonly kind: 'start' }>,
): Decision {
  if (state !== undefined) {
    return { state, entries: [], actions: openActions(definition, state), refused: undefined }
  }
  const entry = {
    kind: 'started',
    id: input.id,
    definition: definition.name,
    fingerprint: input.fingerprint,
    input: input.value,
    parent: input.parent,
    correlationId: input.correlationId,
    at: input.at,
    begins: [],
    turns: undefined,
  } as const
  const first = { ...entry, begins: [] }
  const before = startedState(indexOf(definition), first)
  return decideWith(definition, before, input, (deciding) => record(deciding, first))
}

function interpret(deciding: Deciding, input: Input): void {
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
