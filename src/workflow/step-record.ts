/** What is known of a step of a run in memory beside its state: for spans, logs and the report. */
import type { Span } from '../telemetry/tracing.ts'
import type { CompiledStep } from './compile.ts'
import type { StepAttempt } from './step-attempt.ts'

/** What is known of a step beside its state. */
export type StepRecord = {
  readonly step: CompiledStep
  /** The latest attempt that was begun, and of its undos together. */
  forwardAttempt: number
  backwardAttempt: number
  forwardMs: number | undefined
  undoBeganMs: number | undefined
  undoMs: number | undefined
  error: unknown
  undoError: unknown
  /** Its last attempt may have happened. */
  isUnknown: boolean
  isLeftBehind: boolean
  running: StepAttempt | undefined
  span: Span | undefined
}

/** Of a step that is reached. */
export function newRecord(step: CompiledStep): StepRecord {
  return {
    step,
    forwardAttempt: 0,
    backwardAttempt: 0,
    forwardMs: undefined,
    undoBeganMs: undefined,
    undoMs: undefined,
    error: undefined,
    undoError: undefined,
    isUnknown: false,
    isLeftBehind: false,
    running: undefined,
    span: undefined,
  }
}
