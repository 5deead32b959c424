/**
 * The saga machine for a runner that keeps no earlier state: the decisions of `decide`, made upon one
 * state that is written into instead of being copied.
 *
 * 1. Told the same inputs, it decides what `decide` decides, and comes to the same states.
 * 2. The state of a decision is the one in hand: it holds until the next input.
 * 3. An input whose decision throws leaves a state that nothing more is to be decided upon.
 */
import { decideIn, decideStart } from './decide.ts'
import type { Decision } from './decision.ts'
import type { Definition } from './definition.ts'
import type { Draft } from './draft.ts'
import type { Told } from './input.ts'
import type { Moment } from './pause.ts'
import type { ExecutionState } from './state.ts'

/** See the head of this file. */
export class StateInHand {
  readonly #definition: Definition
  #draft: Draft | undefined

  constructor(definition: Definition) {
    this.#definition = definition
  }

  /** The state as it is; `undefined` before the first input. */
  get state(): ExecutionState | undefined {
    return this.#draft?.state
  }

  /**
   * Decides one input.
   *
   * @throws CodedError `EXECUTION_NOT_STARTED` when the first input is not `start`
   */
  decide(input: Told, moment: Moment): Decision {
    const draft = this.#draft
    if (draft !== undefined) {
      draft.hasPause = false
      return decideIn(draft, draft.state, input, moment)
    }
    const started = decideStart(this.#definition, input, moment)
    this.#draft = started.draft
    return started.decision
  }
}
