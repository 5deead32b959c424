/**
 * What is seen of a run in memory: spans, metrics, log events and checkpoints under the names of
 * document 003, and the records its report is made of.
 *
 * 1. `compensation_*` is told only when something is undone; a run that succeeds has spans alone.
 * 2. An undo that is tried again counts once, and is logged when it begins and when it has ended.
 */
import type { Action } from '../machine/action.ts'
import type { Told } from '../machine/input.ts'
import type { ExecutionState } from '../machine/state.ts'
import type { Span, Tracer } from '../telemetry/tracing.ts'
import type { LogEvent, EventLevel } from '../telemetry/log-event.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Compiled, CompiledStep } from './compile.ts'
import { compensationMetrics } from './compensation-metrics.ts'
import { RunSpans } from './run-spans.ts'
import type { StepAttempt } from './step-attempt.ts'
import { newRecord, type StepRecord } from './step-record.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** An event to which the ids of the run are added. */
type OpenEvent = { -readonly [K in keyof LogEvent]: LogEvent[K] }

/** See the head of this file. */
export class MemoryObserver {
  /** Of steps that were reached, by their numbers. */
  readonly #records: (StepRecord | undefined)[] = []
  /** Of the step that was reached last. */
  lastReached: StepRecord | undefined
  readonly undone: string[] = []
  readonly undoErrors: unknown[] = []
  readonly left: string[] = []
  readonly #compiled: Compiled
  readonly #context: WorkflowContext
  readonly #telemetry: Telemetry
  readonly #spans: RunSpans | undefined
  readonly startedMs: number
  endedMs: number | undefined
  #state: ExecutionState | undefined
  #reason: string | undefined
  #isLater = false
  /** What was last looked for; most of the time it is looked for again. */
  #latest: StepRecord | undefined

  /** The reading of the clock that what is seen right now belongs to. */
  #nowMs: number

  constructor(compiled: Compiled, context: WorkflowContext, nowMs: number) {
    this.#compiled = compiled
    this.#context = context
    this.#telemetry = context.telemetry
    this.startedMs = nowMs
    this.#nowMs = nowMs
    const tracer: Tracer | undefined = this.#telemetry.tracer()
    this.#spans = tracer === undefined ? undefined : new RunSpans(tracer, compiled, context)
  }

  begins(): void {
    this.#context.checkpointAt('compensation_workflow.start', this.#nowMs)
    this.#spans?.begin()
  }

  /** A run that had completed is undone after all. */
  reopen(): void {
    this.#isLater = true
    this.endedMs = undefined
    this.#spans?.begin()
  }

  forwardBegins(record: StepRecord, running: StepAttempt): WorkflowContext {
    const { step } = record
    record.running = running
    const { forwardSpan: name } = step
    record.span = this.#spans?.open(step, name, { 'compensation.attempt': running.attempt })
    this.#context.checkpointAt(step.checkpoints.forwardStart, this.#nowMs)
    return this.#contextFor(step, record.span, running)
  }

  backwardBegins(
    record: StepRecord,
    running: StepAttempt,
    action: Extract<Action, { readonly kind: 'undo' }>,
  ): WorkflowContext {
    const { step } = record
    record.running = running
    const { backwardSpan: name } = step
    if (record.undoBeganMs === undefined) {
      record.undoBeganMs = running.startedMs
      this.#log(step, this.#named(step, 'compensation_started', 'warn'))
      this.#context.checkpointAt(step.checkpoints.backwardStart, this.#nowMs)
    }
    record.span = this.#spans?.open(step, name, {
      'compensation.attempt': action.attempt,
      'compensation.reason': this.reasonFor(step),
    })
    return this.#contextFor(step, record.span, running)
  }

  inSpan<T>({ span }: StepRecord, work: () => T): T {
    return span === undefined ? work() : span.run(work)
  }

  /** An attempt failed; what follows from it is not known yet. */
  failed(record: StepRecord, running: StepAttempt, error: unknown, isUnknown: boolean): void {
    record.span?.fail(this.#telemetry.describe(error))
    if (running.isUndo) record.undoError = error
    else {
      record.error = error
      record.isUnknown = isUnknown
    }
  }

  leftBehind(step: CompiledStep, isUndo: boolean): void {
    this.left.push(step.planned.name)
    if (!isUndo) this.recordOf(step).isLeftBehind = true
  }

  abandoned(name: string): void {
    this.left.push(name)
  }

  /** Something was told and decided. */
  decided(told: Told, state: ExecutionState, nowMs: number): void {
    this.#state = state
    this.#nowMs = nowMs
    switch (told.kind) {
      case 'succeeded':
      case 'failed':
        return this.#forwardEnded(told.path, told.kind === 'succeeded')
      case 'undone':
        return this.#undone(told.path)
      case 'undo-failed':
        return this.#undoFailed(told.path)
      default:
        return
    }
  }

  ended(state: ExecutionState | undefined, nowMs: number): void {
    this.#state = state
    this.endedMs = nowMs
    this.#context.checkpointAt('compensation_workflow.end', nowMs)
    const { failure } = state ?? {}
    const error = failure === undefined ? undefined : this.#telemetry.describe(failure.error)
    this.#spans?.end(failure?.path, error)
  }

  /** Why it is undone, as logs, spans and undos are told. */
  reasonFor(step: CompiledStep): string {
    const { reason } = step.scope.options
    if (reason === undefined) return (this.#reason ??= this.#defaultReason())
    try {
      return String(reason(this.#state?.failure?.error, this.failedStep))
    } catch {
      return this.#defaultReason()
    }
  }

  /** Why the run was unwound, as the workflow itself says it. */
  get reason(): string {
    const [step] = this.#compiled.steps.values()
    return step === undefined ? '' : this.reasonFor(step)
  }

  /** The name of the step that failed; `undefined` when none did. */
  get failedStep(): string | undefined {
    return this.#compiled.steps.get(this.#state?.failure?.path ?? '')?.planned.name
  }

  #defaultReason(): string {
    if (this.#isLater) return 'compensation_requested'
    if (this.failedStep !== undefined) return `${this.failedStep}_failed`
    const { failure } = this.#state ?? {}
    return failure?.code === 'EXECUTION_DEADLINE_PASSED' ? 'deadline_passed' : 'cancelled'
  }

  #forwardEnded(path: string, isGood: boolean): void {
    const record = this.#recordAt(path)
    const running = record?.running
    if (record === undefined || running === undefined || running.isUndo) return
    record.forwardMs = this.#nowMs - running.startedMs
    if (isGood) record.isUnknown = false
    this.#context.checkpointAt(record.step.checkpoints.forwardEnd, this.#nowMs)
    this.#spans?.close(record, isGood, this.#state)
  }

  #undone(path: string): void {
    const record = this.#recordAt(path)
    if (record?.undoBeganMs === undefined) return
    const { step } = record
    this.#undoEnded(record, true)
    this.undone.push(step.planned.name)
    this.#log(step, {
      event: 'compensation_completed',
      step: step.planned.name,
      duration_ms: record.undoMs,
      level: 'info',
    })
    record.undoBeganMs = undefined
  }

  #undoFailed(path: string): void {
    const record = this.#recordAt(path)
    if (record?.undoBeganMs === undefined) return
    const { step, undoError } = record
    if (isTriedAgain(this.#state, path)) return record.span?.end()
    this.#undoEnded(record, false)
    this.undoErrors.push(undoError)
    const { type, message } = this.#telemetry.describe(undoError)
    const { failures } = compensationMetrics(this.#telemetry.metrics)
    failures.with({ primitive: step.scope.primitive }).add()
    const event = this.#named(step, 'compensation_failed', 'error')
    event['duration_ms'] = record.undoMs
    event['error'] = message
    event['error_type'] = type
    this.#log(step, event)
    record.undoBeganMs = undefined
    this.#tellFailure(step, undoError)
  }

  #undoEnded(record: StepRecord, isGood: boolean): void {
    const { step } = record
    record.undoMs = this.#nowMs - (record.undoBeganMs ?? this.#nowMs)
    this.#context.checkpointAt(step.checkpoints.backwardEnd, this.#nowMs)
    this.#spans?.close(record, isGood, this.#state)
    const { total, seconds } = compensationMetrics(this.#telemetry.metrics)
    total.with({ primitive: step.scope.primitive }).add()
    seconds.with({ step: step.planned.name }).observe(record.undoMs / 1_000)
  }

  /** Logs that an undo was skipped, for the report of a run that stopped there. */
  skipped(step: CompiledStep): void {
    this.#log(step, this.#named(step, 'compensation_skipped', 'warn'))
  }

  #tellFailure(step: CompiledStep, error: unknown): void {
    const { onCompensationFailure: tell } = step.scope.options
    const primitive = step.scope.primitive
    const cause = this.#state?.failure?.error
    try {
      tell?.({ primitive, stepName: step.planned.name, error, cause })
    } catch {
      // A hook never changes what happens.
    }
  }

  #named(step: CompiledStep, event: string, level: EventLevel): OpenEvent {
    return {
      event,
      primitive: step.scope.primitive,
      step: step.planned.name,
      compensation_reason: this.reasonFor(step),
      level,
    }
  }

  #log(step: CompiledStep, event: OpenEvent): void {
    if (step.scope.options.logCompensations === false) return
    const span = this.recordKnown(step)?.span ?? this.#context.span
    event['correlation_id'] = this.#context.correlationId
    event['workflow_id'] = this.#context.workflowId
    event['trace_id'] = span?.traceId
    event['span_id'] = span?.spanId
    this.#telemetry.log(event)
  }

  /** The record of a step; made when the step is reached. */
  recordOf(step: CompiledStep): StepRecord {
    if (this.#latest?.step === step) return this.#latest
    let record = this.#records[step.number]
    if (record === undefined) {
      record = newRecord(step)
      this.#records[step.number] = record
      this.lastReached = record
    }
    this.#latest = record
    return record
  }

  /** The record of a step, if it was reached. */
  recordKnown(step: CompiledStep): StepRecord | undefined {
    return this.#records[step.number]
  }

  #recordAt(path: string): StepRecord | undefined {
    if (this.#latest?.step.path === path) return this.#latest
    const step = this.#compiled.steps.get(path)
    return step === undefined ? undefined : this.#records[step.number]
  }

  #contextFor(step: CompiledStep, span: Span | undefined, running: StepAttempt): WorkflowContext {
    const root = this.#spans?.contextOf(step.scope) ?? this.#context
    return root.forStep(step.path, span, running)
  }
}

function isTriedAgain(state: ExecutionState | undefined, path: string): boolean {
  const node = state?.nodes.get(path)
  if (node === undefined) return false
  if (node.undo?.status === 'pausing') return true
  return node.added.some(({ undo }) => undo?.status === 'pausing')
}
