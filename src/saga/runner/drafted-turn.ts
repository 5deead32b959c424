/** What one turn of an execution has decided and not yet stored. */
import type { NewEvent, RowChange } from '../../ledger/ledger.ts'
import type { Action } from '../../machine/action.ts'
import type { Decision } from '../../machine/decision.ts'
import type { LocalAction } from '../../machine/perform/performing.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { undonePath } from './undone-path.ts'

/** See the top of this file. */
export class DraftedTurn {
  state: ExecutionState | undefined
  actions: readonly Action[]
  readonly events: NewEvent[] = []
  /** Rows of others that are put with them, whatever was decided. */
  readonly alsoPut: RowChange[] = []
  /** Paths of what was undone. */
  readonly undone: string[] = []

  constructor(state: ExecutionState | undefined, actions: readonly Action[]) {
    this.state = state
    this.actions = actions
  }

  /** Adds a decision and its entries, encoded. */
  take(decision: Decision, events: readonly NewEvent[]): void {
    this.state = decision.state
    this.actions = decision.actions
    for (const event of events) this.events.push(event)
    for (const entry of decision.entries) {
      const path = undonePath(entry, decision.state)
      if (path !== undefined) this.undone.push(path)
    }
  }

  /** What can be done before anything is stored. */
  get pure(): readonly LocalAction[] {
    return this.actions.filter(isPure)
  }
}

function isPure(action: Action): action is LocalAction {
  const { kind } = action
  return kind === 'prepare' || kind === 'choose' || kind === 'receive'
}
