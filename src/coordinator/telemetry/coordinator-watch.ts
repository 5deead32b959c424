/** Everything that watches one coordinator. */
import type { Clock } from '../../clock.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { CallWatch } from './call-watch.ts'
import { JournalWatch } from './journal-watch.ts'
import { ReactionWatch } from './reaction-watch.ts'
import { RequestWatch } from './request-watch.ts'
import { WorkWatch } from './work-watch.ts'

/** See the top of this file. */
export type CoordinatorWatch = {
  readonly work: WorkWatch
  readonly journal: JournalWatch
  readonly reactions: ReactionWatch
  readonly requests: RequestWatch
  readonly calls: CallWatch
}

/** Makes it. */
export function coordinatorWatch(telemetry: Telemetry, clock: Clock): CoordinatorWatch {
  return {
    work: new WorkWatch(telemetry, clock),
    journal: new JournalWatch(telemetry, clock),
    reactions: new ReactionWatch(telemetry, clock),
    requests: new RequestWatch(telemetry, clock),
    calls: new CallWatch(telemetry, clock),
  }
}
