/** What became of a run, step by step, and how to find it from the error that the run threw. */

/** How a run ended. */
export type ReportStatus =
  /** Every step ran. */
  | 'completed'
  /** It failed or was cancelled, and everything that was to be undone is undone. */
  | 'compensated'
  /** Something is left: an undo failed or was skipped, or a step may have happened. */
  | 'incomplete'

/** What became of one step. */
export type CompensationStepReport = {
  readonly name: string
  /** The names of the workflows and steps around it and its own, joined by `/`. */
  readonly path: string
  /** `unknown`: it may have happened, and nothing undid it. `abandoned`: it may still be running. */
  readonly forward: 'not-run' | 'succeeded' | 'failed' | 'unknown' | 'abandoned'
  /**
   * `no-compensation`: it happened, and there is none. `skipped`: one before it in the rollback
   * failed, and the workflow does not go on then.
   */
  readonly undo: 'not-needed' | 'no-compensation' | 'done' | 'failed' | 'skipped'
  readonly attempts: number
  readonly undoAttempts: number
  readonly durationMs: number | undefined
  readonly undoDurationMs: number | undefined
  readonly error: unknown
  readonly undoError: unknown
}

/** What became of a run. */
export type CompensationReport = {
  readonly primitive: string
  readonly executionId: string
  readonly correlationId: string
  readonly status: ReportStatus
  /** As in the log; `undefined` for a run that completed. */
  readonly reason: string | undefined
  readonly failedStep: string | undefined
  readonly durationMs: number
  /** All steps in the order they are written, those of workflows inside as well. */
  readonly steps: readonly CompensationStepReport[]
  /** The names of steps whose undo ran to its end, in the order in which they ended. */
  readonly undone: readonly string[]
  /** What failed while undoing, in the order in which it failed. */
  readonly undoErrors: readonly unknown[]
  /** What ignored its signal and was left behind, perhaps still running. */
  readonly abandoned: readonly string[]
}

/**
 * The report of the run that threw an error; `undefined` for any other value. Where runs are nested
 * it is the outermost one's. Nothing about the error that a program can see by looking is changed.
 */
export function reportOf(error: unknown): CompensationReport | undefined {
  if (!isObject(error)) return undefined
  const make: unknown = attempt(() => Reflect.get(error, REPORT)) ?? sealedErrors.get(error)
  // Only this file puts something under the key.
  return (make as MakeReport | undefined)?.()
}

/** Attaches a report, made when it is first asked for, to the error of a run. */
export function attachReport(error: unknown, make: MakeReport): void {
  if (!isObject(error)) return
  let report: CompensationReport | undefined
  const once = (): CompensationReport => (report ??= make())
  // A property costs a tenth of an entry in a weak map, which only errors need that are sealed.
  const property = { value: once, configurable: true, writable: true, enumerable: false }
  const isSet = attempt(() => Reflect.defineProperty(error, REPORT, property))
  if (isSet !== true) sealedErrors.set(error, once)
}

type MakeReport = () => CompensationReport

const REPORT: unique symbol = Symbol('amends.workflow.report')
const sealedErrors = new WeakMap<object, MakeReport>()

/** What is thrown may be a proxy that does not want to be looked at. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
