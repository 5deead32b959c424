/**
 * Performs an action: calls the function that the author bound to it, and says what came of it in
 * the words of the machine. Both runners, in memory and durable, do it here.
 *
 * 1. Every action is answered, whatever the author's function does.
 * 2. Answers at once when the function does: nothing is waited for without need.
 */
import type { AttemptInfo, Binding, Probed, UndoInfo } from '../bindings.ts'
import type { StepNode } from '../definition.ts'
import { indexOf } from '../definition-index.ts'
import { codedError, type ErrorCode } from '../../errors.ts'
import { operationKey, undoKey } from '../idempotency-key.ts'
import type { Told } from '../input.ts'
import type { Request } from '../journal.ts'
import { failureOfError, hasHappened } from './outcome-of-error.ts'
import { ABANDON_AFTER_MS, callInfo, type LocalAction, type Performing } from './performing.ts'
import { type AttemptBounds, type Ending, runAttempt } from './run-attempt.ts'
import { StopSignal } from './stop-signal.ts'

/** See the top of this file. */
export function perform(action: LocalAction, performing: Performing): Told | Promise<Told> {
  switch (action.kind) {
    case 'prepare':
      return prepare(action, performing)
    case 'choose':
      return choose(action, performing)
    case 'run':
      return run(action, performing)
    case 'receive':
      return receive(action, performing)
    case 'probe':
      return probe(action, performing)
    case 'undo':
      return undo(action, performing)
  }
}

type ActionOf<K extends LocalAction['kind']> = Extract<LocalAction, { readonly kind: K }>

/** A request is built; if that fails, nothing was sent. */
function prepare(action: ActionOf<'prepare'>, performing: Performing): Told | Promise<Told> {
  const { path, direction, value } = action
  const told = (ending: Ending): Told => {
    const request = ending.kind === 'returned' ? asRequest(ending.value) : undefined
    if (ending.kind === 'returned' && request !== INVALID) {
      return { kind: 'prepared', path, direction, request }
    }
    const error =
      ending.kind === 'returned'
        ? codedError('SAGA_REQUEST_INVALID', { details: { path } })
        : errorOf(ending)
    const failure = failureOfError(path, error)
    // An author may refuse while building; nothing that is thrown here can have happened.
    const outcome = failure.outcome === 'refused' ? 'refused' : 'failed'
    return { kind: 'prepare-failed', path, direction, failure: { ...failure, outcome } }
  }
  return settled(performing, undefined, told, () => {
    const binding = bindingAt(performing, path, 'request')
    const info = callInfo(performing, path)
    return direction === 'forward' ? binding.request(value, info) : binding.undo?.(value, info)
  })
}

const INVALID = Symbol('invalid')

function asRequest(value: unknown): Request | undefined | typeof INVALID {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || !('target' in value)) return INVALID
  const { target } = value
  if (typeof target !== 'string' || target === '') return INVALID
  return { target, content: 'content' in value ? value.content : undefined }
}

/** Conditions are asked in order; the first that holds decides. */
function choose(action: ActionOf<'choose'>, performing: Performing): Told | Promise<Told> {
  const { path, value } = action
  const told = (ending: Ending): Told =>
    ending.kind === 'returned' && typeof ending.value === 'number'
      ? { kind: 'chosen', path, branch: ending.value }
      : { kind: 'choice-failed', path, failure: certain(path, errorOf(ending)) }
  return settled(performing, undefined, told, async () => {
    const { conditions } = bindingAt(performing, path, 'choice')
    const info = callInfo(performing, path)
    for (const [branch, holds] of conditions.entries()) if (await holds(value, info)) return branch
    const { node } = indexOf(performing.executable.definition).byPath.get(path) ?? {}
    return node?.kind === 'conditional' && node.otherwise !== undefined ? conditions.length : -1
  })
}

function run(action: ActionOf<'run'>, performing: Performing): Told | Promise<Told> {
  const { path, attempt, value, isAgain } = action
  const step = stepOf(performing, path)
  const stop = performing.stop ?? new StopSignal()
  const isContext = performing.executable.definition.values === 'context'
  const told = (ending: Ending): Told => {
    if (ending.kind === 'returned' && !(isContext && ending.value instanceof Error)) {
      return { kind: 'succeeded', path, attempt, value: ending.value }
    }
    const failure = failureOfEnding(path, ending)
    if (ending.kind === 'threw' && hasHappened(ending.error)) {
      return { kind: 'failed', path, attempt, failure: certain(path, ending.error), happened: true }
    }
    // What repeats a call that may have happened cannot say that nothing happened.
    const isOpen = isAgain && failure.outcome === 'failed'
    const told = isOpen ? ({ ...failure, outcome: 'unknown' } as const) : failure
    return { kind: 'failed', path, attempt, failure: told }
  }
  const bounds = { stop, timeoutMs: step?.attemptTimeoutMs, isOperation: true }
  return settled(performing, { ...bounds, step }, told, () =>
    bindingAt(performing, path, 'operation').run(
      value,
      attemptInfo(performing, { path, attempt, isAgain }, stop),
    ),
  )
}

function receive(action: ActionOf<'receive'>, performing: Performing): Told | Promise<Told> {
  const { path, attempt, value, data } = action
  const told = (ending: Ending): Told => {
    if (ending.kind === 'returned' && !(ending.value instanceof Error)) {
      return { kind: 'succeeded', path, attempt, value: ending.value }
    }
    const error = ending.kind === 'returned' ? ending.value : errorOf(ending)
    return { kind: 'failed', path, attempt, failure: certain(path, error) }
  }
  return settled(performing, undefined, told, () =>
    bindingAt(performing, path, 'signal').receive(value, data),
  )
}

/** A probe that fails has found out nothing. */
function probe(action: ActionOf<'probe'>, performing: Performing): Told | Promise<Told> {
  const { path, attempt, value } = action
  const step = stepOf(performing, path)
  const stop = new StopSignal()
  const told = (ending: Ending): Told => {
    const answer = ending.kind === 'returned' ? asProbed(ending.value) : 'unknown'
    if (answer === 'unknown') return { kind: 'probed', path, attempt, found: 'unknown' }
    return answer.happened
      ? { kind: 'probed', path, attempt, found: 'happened', value: answer.output }
      : { kind: 'probed', path, attempt, found: 'did-not-happen' }
  }
  const bounds = { stop, timeoutMs: step?.attemptTimeoutMs, isOperation: false, step }
  return settled(performing, bounds, told, () => {
    const { probe: ask } = bindingAt(performing, path, 'operation')
    return ask?.(value, attemptInfo(performing, { path, attempt, isAgain: true }, stop))
  })
}

function asProbed(value: unknown): Probed {
  if (typeof value !== 'object' || value === null || !('happened' in value)) return 'unknown'
  if (value.happened === false) return { happened: false }
  if (value.happened !== true) return 'unknown'
  return { happened: true, output: 'output' in value ? value.output : undefined }
}

function undo(action: ActionOf<'undo'>, performing: Performing): Told | Promise<Told> {
  const { path, attempt } = action
  const step = stepOf(performing, path)
  const stop = new StopSignal()
  const told = (ending: Ending): Told => {
    if (ending.kind === 'returned' && !(ending.value instanceof Error)) {
      return { kind: 'undone', path, attempt, value: ending.value }
    }
    return { kind: 'undo-failed', path, attempt, failure: failureOfEnding(path, ending) }
  }
  const timeoutMs = step?.undoTimeoutMs ?? performing.undoTimeoutMs
  const bounds = { stop, timeoutMs, isOperation: false, step }
  return settled(performing, bounds, told, () => callUndo(action, performing, stop))
}

function callUndo(action: ActionOf<'undo'>, performing: Performing, stop: StopSignal): unknown {
  const { path, undo: which, value, input } = action
  const info = undoInfo(performing, action, stop)
  if (typeof which === 'object') {
    const named = performing.executable.undos.get(which.name)
    if (named === undefined) throw missing('UNDO_UNKNOWN', path, { undo: which.name })
    return named(which.data, info)
  }
  const binding = bindingAt(performing, path, 'operation')
  const own = which === 'unknown' ? binding.undoUnknown : binding.undo
  if (own !== undefined) return own(which === 'unknown' ? input : value, info)
  // The author said that the undo does without an output.
  if (binding.undo === undefined) throw missing('UNDO_UNKNOWN', path, { undo: which })
  return binding.undo(value, info)
}

type Bounds = Pick<AttemptBounds, 'stop' | 'timeoutMs'> & {
  readonly isOperation: boolean
  readonly step: StepNode | undefined
}

/** Calls, and turns how it ended into what the machine is told. */
function settled(
  performing: Performing,
  bounds: Bounds | undefined,
  told: (ending: Ending) => Told,
  call: () => unknown,
): Told | Promise<Told> {
  const { clock, onLate } = performing
  const ending = runAttempt(call, {
    clock,
    stop: bounds?.stop ?? new StopSignal(),
    timeoutMs: bounds?.timeoutMs,
    abandonAfterMs: bounds?.step?.abandonAfterMs ?? ABANDON_AFTER_MS,
    onLate:
      bounds?.isOperation === true && onLate !== undefined
        ? (late) => onLate(told(late))
        : undefined,
  })
  return ending instanceof Promise ? ending.then(told) : told(ending)
}

function failureOfEnding(path: string, ending: Ending): ReturnType<typeof failureOfError> {
  switch (ending.kind) {
    case 'returned':
      // A returned error refuses.
      return failureOfError(path, ending.value, 'refused')
    case 'threw':
      return failureOfError(path, ending.error)
    case 'stopped': {
      const own = failureOfError(path, ending.error)
      if (own.outcome === 'refused') return own
      return failureOfError(path, stoppedBy(ending.why, ending.error), 'unknown')
    }
    case 'abandoned': {
      const error = codedError('ATTEMPT_ABANDONED', { cause: ending.why })
      return failureOfError(path, error, 'unknown')
    }
  }
}

/** The author's own error says more than an abort that only passes on why it was told to stop. */
function stoppedBy(why: unknown, error: unknown): unknown {
  const isAbort = error instanceof Error && error.name === 'AbortError'
  return isAbort && why instanceof Error ? why : error
}

function errorOf(ending: Ending): unknown {
  switch (ending.kind) {
    case 'returned':
      return ending.value
    case 'threw':
    case 'stopped':
      return ending.error
    case 'abandoned':
      return codedError('ATTEMPT_ABANDONED', { cause: ending.why })
  }
}

/** What changes nothing in the world either refused or failed. */
function certain(path: string, error: unknown): ReturnType<typeof failureOfError> {
  const failure = failureOfError(path, error)
  return failure.outcome === 'unknown' ? { ...failure, outcome: 'failed' } : failure
}

function attemptInfo(
  performing: Performing,
  of: { readonly path: string; readonly attempt: number; readonly isAgain: boolean },
  stop: StopSignal,
): AttemptInfo {
  const { executionId, correlationId, executable, watching } = performing
  const { path, attempt, isAgain } = of
  return {
    executionId,
    correlationId,
    path,
    attempt,
    idempotencyKey: operationKey(executionId, path),
    get signal() {
      return stop.signal
    },
    isAgain,
    watching,
    addCompensation: (name, data) =>
      executable.undos.has(name)
        ? performing.addCompensation(path, name, data)
        : Promise.reject(missing('UNDO_UNKNOWN', path, { undo: name })),
  }
}

function undoInfo(
  { executionId, correlationId, watching }: Performing,
  { path, attempt, input, failure, part }: ActionOf<'undo'>,
  stop: StopSignal,
): UndoInfo {
  return {
    executionId,
    correlationId,
    path,
    attempt,
    idempotencyKey: undoKey(executionId, path, part),
    get signal() {
      return stop.signal
    },
    input,
    failure,
    watching,
  }
}

function stepOf({ executable }: Performing, path: string): StepNode | undefined {
  const place = indexOf(executable.definition).byPath.get(path)
  return place?.node.kind === 'step' ? place.node : undefined
}

function bindingAt<K extends Binding['kind']>(
  { executable }: Performing,
  path: string,
  kind: K,
): Extract<Binding, { readonly kind: K }> {
  const binding = executable.bindings.get(path)
  if (binding?.kind !== kind) throw missing('BINDING_MISSING', path, { kind })
  // The kind was compared just above; the compiler does not follow it through the parameter.
  return binding as Extract<Binding, { readonly kind: K }>
}

function missing(
  code: Extract<ErrorCode, 'UNDO_UNKNOWN' | 'BINDING_MISSING'>,
  path: string,
  details: Readonly<Record<string, unknown>>,
): Error {
  return codedError(code, { details: { path, ...details } })
}
