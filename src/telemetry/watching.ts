/** What watches a piece of work, as whoever runs it was told. */
import type { Clock } from '../clock.ts'
import type { Telemetry } from './telemetry.ts'
import type { Attributes, Span } from './tracing.ts'

/** See above. */
export type Watching = {
  readonly telemetry: Telemetry
  /** Times what is watched. */
  readonly clock: Clock
  /** The span around it, if there is one: spans of parts are its children. */
  readonly span?: Span | undefined
  /**
   * The span of a part of the work that has some of its own: opened when first asked for, and ended
   * when nothing goes on inside any more.
   */
  readonly spanOf?: ((part: WatchedPart) => Span | undefined) | undefined
}

/** A part of a piece of work, such as a workflow inside another one. */
export type WatchedPart = {
  /** Where it stands; what begins with it and a slash is inside. */
  readonly path: string
  /** Names of its spans, the outermost first. */
  readonly spans: readonly string[]
  readonly attributes: Attributes
  /** The part it is inside of; `undefined` right below the work itself. */
  readonly outer: WatchedPart | undefined
}
