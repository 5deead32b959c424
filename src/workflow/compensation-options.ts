/** The settings of a compensating workflow. */
import type { StepRetry } from './compensation-step.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** See the fields. Every one is optional. */
export type CompensatingOptions = {
  /**
   * The workflow in metrics, spans and logs; a durable run needs it, and keeps it for ever. Default:
   * `CompensationPrimitive`.
   */
  readonly name?: string | undefined
  /** What the author calls this version; durable runs tell versions apart by it. Default: ''. */
  readonly version?: string | undefined
  /**
   * Whether the undos that remain run although one failed. `false` leaves them: in memory the report
   * lists them as skipped, durably they wait for an operator. Default: true.
   */
  readonly continueOnCompensationFailure?: boolean | undefined
  /** Whether `compensation_*` events are logged. Metrics and spans stay. Default: true. */
  readonly logCompensations?: boolean | undefined
  /** How undos are repeated. Default: one attempt in memory; durably 8, up to a minute apart. */
  readonly compensationRetry?: StepRetry | undefined
  /** Milliseconds for one attempt of an undo. Default: no limit. */
  readonly compensationTimeoutMs?: number | undefined
  /** Milliseconds after which the whole run is unwound, unless it passed its pivot. */
  readonly deadlineMs?: number | undefined
  /** What the log gives as the reason. Default: `<failed step>_failed`. */
  readonly reason?: ((error: unknown, failedStep: string | undefined) => string) | undefined
  /** Undos that operations register by name while they run, with `context.addCompensation`. */
  readonly undos?: Readonly<Record<string, RegisteredUndo>> | undefined
  /**
   * What `execute` throws when an undo failed too: `original`, the error of the step, or
   * `aggregate`, a {@link CompensationError} whose cause is that error. Default: `original`.
   */
  readonly errorMode?: 'original' | 'aggregate' | undefined
  /** Called for every undo that failed for good. What it throws is ignored. */
  readonly onCompensationFailure?: ((failure: CompensationFailure) => void) | undefined
  /** Milliseconds that a cancelled operation gets to end before it is left behind. Default: 30,000. */
  readonly abandonAfterMs?: number | undefined
}

/** An undo that is registered by name: it takes the data it was registered with. */
export type RegisteredUndo = (
  data: unknown,
  context: WorkflowContext,
  info: RegisteredUndoInfo,
) => unknown

/** What a registered undo is told. */
export type RegisteredUndoInfo = {
  readonly stepName: string
  readonly attempt: number
  readonly idempotencyKey: string
  readonly signal: AbortSignal
}

/** An undo that failed for good. */
export type CompensationFailure = {
  readonly primitive: string
  readonly stepName: string
  readonly error: unknown
  /** Why the workflow was unwound. */
  readonly cause: unknown
}
