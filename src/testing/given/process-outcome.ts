/** What a process manager emitted, and expectations about it. */
import type { Message } from '@bufbuild/protobuf'
import type { Notification } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { failedAssertion, placeOf } from './compare.ts'
import { Outcome } from './outcome.ts'
import type { ReactionResult } from './reaction-outcome.ts'
import { type ExpectedRefusal, requireRefused } from './refused.ts'
import { type ExpectedOutgoing, requireEvents, requireOutgoing } from './same-messages.ts'
import { type ExpectedState, requireState } from './same-state.ts'

/** What came of a trigger. */
export type ProcessOutcomeResult<State> = ReactionResult & {
  /** Events for its own stream, oldest first. */
  readonly events: readonly Message[]
  /** The state after its history and these events. */
  readonly state: State
  /** The notification to forward upstream, when the answer has one. */
  readonly forwarded: Notification | undefined
}

/**
 * Expectations about what a process manager emitted; each may follow the other. Await the last one.
 */
export class ProcessOutcome<State extends object> extends Outcome<ProcessOutcomeResult<State>> {
  /** These events for its own stream, in this order, and no others. */
  thenEvents(...expected: readonly Message[]): ProcessOutcome<State> {
    const checked = this.also(placeOf(), ({ events }, place) =>
      requireEvents(events, expected, 'other events came out than expected', place),
    )
    return new ProcessOutcome(checked)
  }

  /**
   * These commands, in this order, and no others. An expectation made by `command` is compared with
   * its address, a bare message without.
   */
  thenCommands(...expected: readonly ExpectedOutgoing[]): ProcessOutcome<State> {
    const checked = this.also(placeOf(), ({ commands }, place) =>
      requireOutgoing(commands, expected, 'other commands were emitted than expected', place),
    )
    return new ProcessOutcome(checked)
  }

  /** These facts, in this order, and no others; compared as {@link thenCommands} does. */
  thenFacts(...expected: readonly ExpectedOutgoing[]): ProcessOutcome<State> {
    const checked = this.also(placeOf(), ({ facts }, place) =>
      requireOutgoing(facts, expected, 'other facts were emitted than expected', place),
    )
    return new ProcessOutcome(checked)
  }

  /** Neither events, commands, facts nor a notification to forward. */
  thenNothing(): ProcessOutcome<State> {
    const checked = this.also(placeOf(), (result, place) => {
      const what = 'nothing should be emitted'
      requireEvents(result.events, [], what, place)
      requireOutgoing([...result.commands, ...result.facts], [], what, place)
      if (result.forwarded !== undefined) throw failedAssertion(what, place)
    })
    return new ProcessOutcome(checked)
  }

  /** A notification goes upstream. */
  thenForwarded(): ProcessOutcome<State> {
    const checked = this.also(placeOf(), ({ forwarded }, place) => {
      if (forwarded === undefined) throw failedAssertion('a notification should go upstream', place)
    })
    return new ProcessOutcome(checked)
  }

  /** The state after its history and the new events has these values in these fields. */
  thenState(fields: ExpectedState<State>): ProcessOutcome<State> {
    const checked = this.also(placeOf(), ({ state }, place) => requireState(state, fields, place))
    return new ProcessOutcome(checked)
  }

  /** The handler refuses. An error that is no refusal is thrown as it is. */
  thenRejected(expected: string | ExpectedRefusal): ProcessOutcome<State> {
    const checked = this.alsoFailed(placeOf(), (ended, place) =>
      requireRefused(ended, expected, place),
    )
    return new ProcessOutcome(checked)
  }
}
