/** What a client of this process needs of its coordinator. */
import type { Clock } from '../clock.ts'
import type { Random } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { CommandPath } from './command-path.ts'
import type { Journal } from './journal.ts'
import type { OwnConsequences } from './own-consequences.ts'
import type { Wiring } from './plan-wiring.ts'
import type { Cascades } from './cascades.ts'
import type { Projections } from './projections.ts'
import type { RecentLog } from './recent-log.ts'
import type { Bounds } from './scheduled-component.ts'
import type { Scheduler } from './scheduler.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'
import type { SyncOptions } from './sync-requests.ts'
import type { CoordinatorWatch } from './telemetry/coordinator-watch.ts'
import type { Upcast } from './upcast-event.ts'

/** See the top of this file. */
export type DirectTransportOptions = {
  readonly commandPath: CommandPath
  readonly journal: Journal
  readonly ledger: Ledger
  readonly recent: RecentLog
  readonly targets: ReadonlyMap<string, AggregateEndpoint>
  readonly wiring: Wiring
  readonly projections: Projections
  readonly scheduler: Pick<Scheduler, 'doneWith'>
  readonly clock: Clock
  readonly random: Random
  readonly bounds: Bounds
  readonly generateCorrelationIds: boolean
  readonly upcast: Upcast
  readonly cascades: Cascades
  readonly sync: SyncOptions
  readonly watch: CoordinatorWatch
  /** What this client has begun: it reads what came of it. */
  readonly own: OwnConsequences
  /** Aborts when the coordinator is closed. */
  readonly closed: AbortSignal
  readonly isClosed: () => boolean
}
