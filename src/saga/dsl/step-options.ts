/**
 * What can be said of a step beside its callbacks. Options are checked where the step is made, so that
 * an error points at the line that has it.
 */
import { codedError, type CodedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { NO_RETRY, PATIENT_RETRY, type RetryPolicy } from '../../machine/definition.ts'
import type { StepMode } from '../../machine/definition.ts'

/**
 * How often, and after what pauses, something is tried: the number of attempts altogether, or a policy.
 * What a policy leaves out is 8 attempts, pauses of 200 ms, doubled each time up to a minute, full
 * jitter.
 */
export type RetryOptions =
  number | { readonly [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined }

/** Options of every step. */
export type NamedStepOptions = {
  /**
   * Names the step: in the journal, in lists, in errors. Default: the name of its function, the target
   * of its request type, or its kind and place, such as `remote-2`. A step keeps its identity over
   * versions of a definition by its name.
   */
  readonly name?: string | undefined
}

/** Options of a step that does something once or several times. */
export type TimedStepOptions = NamedStepOptions & {
  /** Milliseconds for the step with all its attempts and pauses. Default: no limit. */
  readonly timeoutMs?: number | undefined
}

/** Options of a step that is attempted. */
export type AttemptedStepOptions = TimedStepOptions & {
  /** Default: one attempt; behind the pivot 8, after pauses. Refusals are never tried again. */
  readonly retry?: RetryOptions | undefined
  /** How its undo is tried. Default: 8 attempts, after pauses. */
  readonly undoRetry?: RetryOptions | undefined
  /** Milliseconds for one attempt; then its outcome is unknown. Default: no limit. */
  readonly attemptTimeoutMs?: number | undefined
  /**
   * Milliseconds for one attempt of its undo; then it is told to stop and tried again, and after its
   * last attempt it waits for an operator. Default: 5 minutes for a function (the bound `undoAttemptMs`
   * of the manager), `attemptTimeoutMs` for the reply to a request.
   */
  readonly undoTimeoutMs?: number | undefined
  /**
   * Milliseconds after which a function that goes on although it was told to stop is given up: it may
   * still be running, and its outcome is unknown. Default: 30 s.
   */
  readonly abandonAfterMs?: number | undefined
  /** An attempt of unknown outcome is never repeated. Default: false. */
  readonly atMostOnce?: boolean | undefined
  /**
   * Says that there is nothing to undo, whatever becomes of the step: it only asks, or only checks.
   * A step without this and without `onFailure` is left as it is when it has happened; if it is not
   * known whether it has, it waits for an operator. Default: false.
   */
  readonly needsNoUndo?: boolean | undefined
}

const NAMED: readonly string[] = ['name']
const TIMED: readonly string[] = [...NAMED, 'timeoutMs']

/** The names of the options of each kind of step. */
export const OPTION_NAMES: Readonly<Record<'named' | 'timed' | 'attempted', readonly string[]>> = {
  named: NAMED,
  timed: TIMED,
  attempted: [
    ...TIMED,
    'retry',
    'undoRetry',
    'attemptTimeoutMs',
    'undoTimeoutMs',
    'atMostOnce',
    'needsNoUndo',
    'abandonAfterMs',
  ],
}

/**
 * Checks options of a step.
 *
 * @throws CodedError `SAGA_STEP_NAME_INVALID`, `SAGA_OPTION_INVALID`
 */
export function checkStepOptions(options: AttemptedStepOptions, allowed: readonly string[]): void {
  checkOptionNames(options, allowed)
  if (options.name !== undefined) checkStepName(options.name)
  checkDuration('timeoutMs', options.timeoutMs)
  checkDuration('attemptTimeoutMs', options.attemptTimeoutMs)
  checkDuration('undoTimeoutMs', options.undoTimeoutMs)
  checkDuration('abandonAfterMs', options.abandonAfterMs)
  checkFlag('atMostOnce', options.atMostOnce)
  checkFlag('needsNoUndo', options.needsNoUndo)
  retryPolicy('retry', options.retry, NO_RETRY)
  retryPolicy('undoRetry', options.undoRetry, NO_RETRY)
}

/** @throws CodedError `SAGA_OPTION_INVALID` for an option that nobody knows */
export function checkOptionNames(options: object, allowed: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw optionError('options', options, 'Options are an object.')
  }
  const unknown = Object.keys(options).find((key) => !allowed.includes(key))
  if (unknown === undefined) return
  const hint = allowed.length === 0 ? 'It takes none.' : `It takes: ${allowed.join(', ')}.`
  throw optionError(unknown, Reflect.get(options, unknown), hint)
}

/** @throws CodedError `SAGA_STEP_NAME_INVALID` for what cannot be a part of a path */
export function checkStepName(name: string): void {
  if (isStepName(name)) return
  throw codedError('SAGA_STEP_NAME_INVALID', {
    details: { name },
    hint: `Up to ${limits.componentNameLengthMax} characters, no slash, no control characters.`,
  })
}

function isStepName(name: unknown): boolean {
  if (typeof name !== 'string' || name === '' || name.length > limits.componentNameLengthMax) {
    return false
  }
  return !/[/\p{Cc}]/u.test(name)
}

/** @throws CodedError `SAGA_OPTION_INVALID` for what is no length of time */
export function checkDuration(option: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return
  throw optionError(option, value, 'Give milliseconds, more than none.')
}

/** @throws CodedError `SAGA_OPTION_INVALID` for what is neither true nor false */
export function checkFlag(option: string, value: boolean | undefined): void {
  if (value !== undefined && typeof value !== 'boolean') throw optionError(option, value)
}

/** The policies of a step, forward and backward, once it is known where the step stands. */
export function policiesOf(
  options: AttemptedStepOptions,
  mode: StepMode,
): { readonly retry: RetryPolicy; readonly undoRetry: RetryPolicy } {
  const usual = mode === 'retriable' ? PATIENT_RETRY : NO_RETRY
  return {
    retry: retryPolicy('retry', options.retry, usual),
    undoRetry: retryPolicy('undoRetry', options.undoRetry, PATIENT_RETRY),
  }
}

function retryPolicy(
  option: string,
  given: RetryOptions | undefined,
  usual: RetryPolicy,
): RetryPolicy {
  if (given === undefined) return usual
  if (typeof given === 'number') return checked(option, { ...PATIENT_RETRY, maxAttempts: given })
  checkOptionNames(given, Object.keys(PATIENT_RETRY))
  const { maxAttempts, initialMs, factor, maxMs, jitter } = given
  return checked(option, {
    maxAttempts: maxAttempts ?? PATIENT_RETRY.maxAttempts,
    initialMs: initialMs ?? PATIENT_RETRY.initialMs,
    factor: factor ?? PATIENT_RETRY.factor,
    maxMs: maxMs ?? PATIENT_RETRY.maxMs,
    jitter: jitter ?? PATIENT_RETRY.jitter,
  })
}

function checked(option: string, policy: RetryPolicy): RetryPolicy {
  const { maxAttempts, initialMs, factor, maxMs, jitter } = policy
  const isCounted = maxAttempts === Infinity || (Number.isInteger(maxAttempts) && maxAttempts >= 1)
  if (!isCounted) throw optionError(`${option}.maxAttempts`, maxAttempts, 'A whole number from 1.')
  if (!(initialMs >= 0 && initialMs < Infinity)) throw optionError(`${option}.initialMs`, initialMs)
  if (!(maxMs >= 0 && maxMs < Infinity)) throw optionError(`${option}.maxMs`, maxMs)
  if (!(factor >= 1 && factor < Infinity)) throw optionError(`${option}.factor`, factor)
  if (jitter !== 'full' && jitter !== 'none') throw optionError(`${option}.jitter`, jitter)
  return policy
}

/** What to throw for an option that is not valid. */
export function optionError(option: string, value: unknown, hint = ''): CodedError {
  return codedError('SAGA_OPTION_INVALID', { details: { option, value }, hint })
}
