/** What a saga emitted, and expectations about it. */
import type { CommandBook, EventBook } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { placeOf } from './compare.ts'
import { Outcome } from './outcome.ts'
import { type ExpectedRefusal, requireRefused } from './refused.ts'
import { type ExpectedOutgoing, requireOutgoing } from './same-messages.ts'

/** What came of a trigger. */
export type ReactionResult = {
  readonly commands: readonly CommandBook[]
  /** Facts, each addressed by its cover. */
  readonly facts: readonly EventBook[]
}

/** Expectations about what a saga emitted; each may follow the other. Await the last one. */
export class ReactionOutcome extends Outcome<ReactionResult> {
  /**
   * These commands, in this order, and no others. An expectation made by `command` is compared with
   * its address, a bare message without.
   */
  thenCommands(...expected: readonly ExpectedOutgoing[]): ReactionOutcome {
    const checked = this.also(placeOf(), ({ commands }, place) =>
      requireOutgoing(commands, expected, 'other commands were emitted than expected', place),
    )
    return new ReactionOutcome(checked)
  }

  /** These facts, in this order, and no others; compared as {@link thenCommands} does. */
  thenFacts(...expected: readonly ExpectedOutgoing[]): ReactionOutcome {
    const checked = this.also(placeOf(), ({ facts }, place) =>
      requireOutgoing(facts, expected, 'other facts were emitted than expected', place),
    )
    return new ReactionOutcome(checked)
  }

  /** Neither commands nor facts. */
  thenNothing(): ReactionOutcome {
    const checked = this.also(placeOf(), ({ commands, facts }, place) =>
      requireOutgoing([...commands, ...facts], [], 'nothing should be emitted', place),
    )
    return new ReactionOutcome(checked)
  }

  /** The handler refuses. An error that is no refusal is thrown as it is. */
  thenRejected(expected: string | ExpectedRefusal): ReactionOutcome {
    const checked = this.alsoFailed(placeOf(), (ended, place) =>
      requireRefused(ended, expected, place),
    )
    return new ReactionOutcome(checked)
  }
}
