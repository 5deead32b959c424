/** What an aggregate answered, and expectations about it. */
import type { Message } from '@bufbuild/protobuf'
import type { RevocationResponse } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { Notification } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { placeOf, plain } from './compare.ts'
import { requireSame } from './compare.ts'
import { Outcome } from './outcome.ts'
import { type ExpectedRefusal, requireRefused } from './refused.ts'
import { requireEvents } from './same-messages.ts'
import { type ExpectedState, requireState } from './same-state.ts'

/** What came of a command, a fact, a rejection or an undo. */
export type AggregateResult<State, Event> = {
  /** The events that would be stored, oldest first. */
  readonly events: readonly Event[]
  /** The state after the history and these events. */
  readonly state: State
  /** What the framework shall do about a rejection, when the answer says so. */
  readonly revocation?: RevocationResponse | undefined
  /** The notification to forward upstream, when the answer has one. */
  readonly forwarded?: Notification | undefined
}

/** What a rejection is left to the framework with; what is left out is not compared. */
export type ExpectedRevocation = Partial<
  Pick<
    RevocationResponse,
    'emitSystemRevocation' | 'sendToDeadLetterQueue' | 'escalate' | 'abort' | 'reason'
  >
>

/** Expectations about the answer of an aggregate; each may follow the other. Await the last one. */
export class AggregateOutcome<State extends object, Event extends Message> extends Outcome<
  AggregateResult<State, Event>
> {
  /** These events, in this order, and no others. */
  thenEvents(...events: readonly Event[]): AggregateOutcome<State, Event> {
    const checked = this.also(placeOf(), (result, place) =>
      requireEvents(result.events, events, 'other events came out than expected', place),
    )
    return new AggregateOutcome(checked)
  }

  /** No events, and nothing for the framework to do. */
  thenNothing(): AggregateOutcome<State, Event> {
    const checked = this.also(placeOf(), ({ state: _state, ...result }, place) => {
      const what = 'nothing should come out'
      requireEvents(result.events, [], what, place)
      requireSame(plain({ ...result, events: [] }), { events: [] }, what, place)
    })
    return new AggregateOutcome(checked)
  }

  /**
   * The command is refused, and nothing comes out. An error that is no refusal is thrown as it is.
   *
   * @param expected the code of the refusal, or its parts
   */
  thenRejected(expected: string | ExpectedRefusal): AggregateOutcome<State, Event> {
    const checked = this.alsoFailed(placeOf(), (ended, place) =>
      requireRefused(ended, expected, place),
    )
    return new AggregateOutcome(checked)
  }

  /** The state after the history and the new events has these values in these fields. */
  thenState(fields: ExpectedState<State>): AggregateOutcome<State, Event> {
    const checked = this.also(placeOf(), ({ state }, place) => requireState(state, fields, place))
    return new AggregateOutcome(checked)
  }

  /** A rejection is left to the framework. */
  thenLeftToFramework(expected: ExpectedRevocation = {}): AggregateOutcome<State, Event> {
    const checked = this.also(placeOf(), ({ revocation }, place) => {
      const what = 'it should be left to the framework in another way'
      const named = Object.keys(expected)
      const actual = revocation && named.map((name) => [name, Reflect.get(revocation, name)])
      requireSame(actual && Object.fromEntries(actual), { ...expected }, what, place)
    })
    return new AggregateOutcome(checked)
  }
}
