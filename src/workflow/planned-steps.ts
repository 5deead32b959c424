/** Steps as authors write them, checked, named, and brought into one form. */
import type { PlannedStep } from './composition.ts'
import type { Compensator, FailedStepUndo, StepObject, StepRetry } from './compensation-step.ts'
import { retryPolicy } from './compensation-step.ts'
import { checkOperation, isOperation, type Operation } from './primitive.ts'
import { checkStepName, stepNameOf, stepNames } from './step-names.ts'
import { checkCount, checkNumber, workflowInvalid } from './workflow-invalid.ts'

/** A step whose types were checked where it was written. */
export type AnyStep = AnyStepPair | AnyStepObject

/** See {@link AnyStep}. */
export type AnyStepPair = readonly [
  operation: Operation<never, unknown>,
  compensation?: Compensator<never, never> | null | undefined,
]

/** See {@link AnyStep}. */
export type AnyStepObject = Omit<
  StepObject<never, unknown>,
  'compensate' | 'undoUnknown' | 'compensateWhenFailed'
> & {
  readonly compensate?: Compensator<never, never> | null | undefined
  readonly undoUnknown?: FailedStepUndo<never> | undefined
  readonly compensateWhenFailed?: FailedStepUndo<never> | undefined
}

/** @throws CodedError `WORKFLOW_INVALID` that names the element and what it must be */
export function plannedSteps(steps: unknown): readonly PlannedStep[] {
  if (!Array.isArray(steps)) throw workflowInvalid('primitives', 'a list of steps', steps)
  if (steps.length === 0) throw workflowInvalid('primitives', 'a list of at least one step', 'none')
  const unique = stepNames()
  return steps.map((step: unknown, i) => {
    const field = `primitives[${i}]`
    const object = asObject(step, field)
    checkStep(object, field)
    const name = unique(object.name ?? stepNameOf(object.run), i + 1)
    return planned(name, object)
  })
}

/** A plain operation as a step without an undo. */
export function plannedOperation(name: string, run: Operation<never, unknown>): PlannedStep {
  return planned(name, { run })
}

const PAIR_KEYS = 2
const OBJECT_KEYS: ReadonlySet<string> = new Set([
  'name',
  'run',
  'compensate',
  'undoUnknown',
  'compensateWhenFailed',
  'mode',
  'atMostOnce',
  'retry',
  'timeoutMs',
  'compensationRetry',
  'compensationTimeoutMs',
])
const MODES: ReadonlySet<unknown> = new Set([undefined, 'compensatable', 'pivot', 'retriable'])

function asObject(step: unknown, field: string): AnyStepObject {
  if (Array.isArray(step)) {
    if (step.length === 0 || step.length > PAIR_KEYS) {
      throw workflowInvalid(
        field,
        'a pair of operation and compensation',
        `${step.length} elements`,
      )
    }
    const [run, compensate] = step as unknown as AnyStepPair // what they are is checked next
    return { run, compensate }
  }
  if (typeof step !== 'object' || step === null) {
    throw workflowInvalid(field, 'a pair or a step object', step)
  }
  for (const key of Object.keys(step)) {
    if (!OBJECT_KEYS.has(key)) throw workflowInvalid(`${field}.${key}`, 'a setting of a step', key)
  }
  return step as AnyStepObject // what its fields are is checked next
}

function checkStep(step: AnyStepObject, field: string): void {
  checkOperation(`${field}.run`, step.run)
  if (step.name !== undefined) checkStepName(`${field}.name`, step.name)
  const { compensate } = step
  if (compensate !== undefined && compensate !== null && !isOperation(compensate)) {
    throw workflowInvalid(`${field}.compensate`, 'a function, a primitive, or null', compensate)
  }
  checkFunction(`${field}.undoUnknown`, step.undoUnknown)
  checkFunction(`${field}.compensateWhenFailed`, step.compensateWhenFailed)
  if (!MODES.has(step.mode)) {
    throw workflowInvalid(`${field}.mode`, 'compensatable, pivot or retriable', step.mode)
  }
  if (step.mode === 'retriable' && compensate !== undefined && compensate !== null) {
    throw workflowInvalid(`${field}.compensate`, 'left out behind the pivot', 'given')
  }
  checkRetry(`${field}.retry`, step.retry)
  checkRetry(`${field}.compensationRetry`, step.compensationRetry)
  checkTime(`${field}.timeoutMs`, step.timeoutMs)
  checkTime(`${field}.compensationTimeoutMs`, step.compensationTimeoutMs)
}

/** @throws CodedError `WORKFLOW_INVALID` for numbers that make no sense */
export function checkRetry(field: string, retry: StepRetry | undefined): void {
  if (retry === undefined) return
  checkCount(`${field}.maxRetries`, retry.maxRetries ?? 0, 0)
  checkNumber(`${field}.initialDelayMs`, retry.initialDelayMs ?? 0, 0)
  checkNumber(`${field}.factor`, retry.factor ?? 1, 1)
  checkNumber(`${field}.maxDelayMs`, retry.maxDelayMs ?? 0, 0)
}

/** @throws CodedError `WORKFLOW_INVALID` unless it is left out or above 0 */
export function checkTime(field: string, timeMs: number | undefined): void {
  if (timeMs !== undefined) checkNumber(field, timeMs, 0, true)
}

function checkFunction(field: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw workflowInvalid(field, 'a function', value)
}

function planned(name: string, step: AnyStepObject): PlannedStep {
  return {
    name,
    run: step.run,
    compensate: step.compensate ?? undefined,
    undoUnknown: step.undoUnknown,
    compensateWhenFailed: step.compensateWhenFailed,
    mode: step.mode ?? 'compensatable',
    atMostOnce: step.atMostOnce ?? false,
    retry: step.retry === undefined ? undefined : retryPolicy(step.retry),
    timeoutMs: step.timeoutMs,
    compensationRetry:
      step.compensationRetry === undefined ? undefined : retryPolicy(step.compensationRetry),
    compensationTimeoutMs: step.compensationTimeoutMs,
  }
}
