/** What the parts of a reaction share. */
import type { Clock } from '../clock.ts'
import type { Condition, Ledger } from '../ledger/ledger.ts'
import type { Delivery } from './delivery.ts'
import type { Escalations } from './escalations.ts'
import type { CommandPath } from './command-path.ts'
import type { LogSink } from './coordinator.ts'
import type { Consequences } from './consequences.ts'
import type { Journal } from './journal.ts'
import type { ReactiveEndpoint } from './reactive-endpoint.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'
import type { ReactionWatch } from './telemetry/reaction-watch.ts'

/** See the top of this file. */
export type ReactionContext = {
  readonly endpoint: ReactiveEndpoint
  readonly journal: Journal
  readonly ledger: Ledger
  readonly commandPath: CommandPath
  /** The aggregates of this ledger, by domain. */
  readonly targets: ReadonlyMap<string, AggregateEndpoint>
  readonly consequences: Consequences
  readonly clock: Clock
  readonly log: LogSink
  readonly fallbackDomain: string
  readonly handlerTimeoutMs: number
  readonly watch: ReactionWatch
  readonly escalations: Escalations
  /** Domains of process managers whose events others react to. */
  readonly followed: ReadonlySet<string>
  /** Brings deliveries that are written down to the component they belong to. */
  readonly enqueue: (deliveries: readonly Delivery[]) => void
  /** Holds while this process may run the component; a condition of every write. */
  readonly term: () => readonly Condition[]
}
