/** What watches a piece of work, as whoever runs it was told. */
import type { Clock } from '../clock.ts'
import type { Telemetry } from './telemetry.ts'
import type { Span } from './tracing.ts'

/** See above. */
export type Watching = {
  readonly telemetry: Telemetry
  /** Times what is watched. */
  readonly clock: Clock
  /** The span around it, if there is one: spans of parts are its children. */
  readonly span?: Span | undefined
}
