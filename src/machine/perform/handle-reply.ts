/** Replies to the requests of steps and of their undos, in the words of the machine. */
import type { Reply } from '../bindings.ts'
import { codedError } from '../../errors.ts'
import type { Told } from '../input.ts'
import type { Direction, Failure } from '../journal.ts'
import { failureOfError } from './outcome-of-error.ts'
import { ABANDON_AFTER_MS, callInfo, type Performing } from './performing.ts'
import { type Ending, runAttempt } from './run-attempt.ts'
import { StopSignal } from './stop-signal.ts'

/** Which request a reply answers, and what its step got. */
export type Answered = {
  readonly path: string
  readonly direction: Direction
  readonly attempt: number
  /** What the step got: the `input` of its node. */
  readonly value: unknown
}

/**
 * Handles a reply.
 *
 * 1. 200 and 400 go to the binding, which decides. What its handler throws or returns as an error
 *    fails the step after it happened; after 400, a returned or thrown refusal refuses it.
 * 2. Any other status leaves open whether it happened (a Minos saga takes it that nothing did),
 *    unless the binding asks for it and returns a value. See {@link outcomeOfSystemError}.
 * 3. The reply to an undo: 200 is done; 400 refuses; any other status fails the attempt.
 */
export function handleReply(
  answered: Answered,
  reply: Reply,
  performing: Performing,
): Told | Promise<Told> {
  const { path, attempt, direction } = answered
  if (direction === 'backward') return undoReplied(path, attempt, reply)
  const { services } = reply
  const isAnswer = reply.status === 200 || reply.status === 400
  const binding = performing.executable.bindings.get(path)
  const isHandled =
    isAnswer || (binding?.kind === 'request' && binding.handlesSystemErrors === true)
  if (!isHandled) {
    const failure = responseFailure(path, reply, outcomeOfSystemError(reply.content))
    return { kind: 'failed', path, attempt, failure, services }
  }
  const told = (ending: Ending): Told => {
    if (ending.kind === 'returned' && !(ending.value instanceof Error)) {
      return { kind: 'succeeded', path, attempt, value: ending.value, services }
    }
    const failure = failureOfError(path, errorOf(ending))
    // A refusal in answer to anything but a success: nothing happened at the service.
    if (failure.outcome === 'refused' && reply.status !== 200) {
      return { kind: 'failed', path, attempt, failure, services }
    }
    const outcome = isAnswer ? 'failed' : outcomeOfSystemError(reply.content)
    const known: Failure = { ...failure, outcome }
    return { kind: 'failed', path, attempt, failure: known, happened: isAnswer, services }
  }
  const { clock } = performing
  const bounds = { clock, stop: new StopSignal(), abandonAfterMs: ABANDON_AFTER_MS }
  const handle = (): unknown => {
    if (binding?.kind !== 'request') throw codedError('BINDING_MISSING', { details: { path } })
    return binding.onReply(answered.value, reply, callInfo(performing, path))
  }
  const ending = runAttempt(handle, bounds)
  return ending instanceof Promise ? ending.then(told) : told(ending)
}

/**
 * What a service leaves open that failed itself: a reply of status 500, or of one that nobody knows.
 * Its handler may have done its work before it failed. Three codes of our participants say more: nobody
 * handles the request, it was cancelled before it came, or it would change what another transaction has
 * pending, so that whatever it did before that is pending too.
 */
export function outcomeOfSystemError(content: unknown): Failure['outcome'] {
  const code: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'error_code') : undefined
  if (code === 'REQUEST_CANCELLED') return 'refused'
  return code === 'REQUEST_HANDLER_MISSING' || code === 'CASCADE_CONFLICT' ? 'failed' : 'unknown'
}

/** What the machine is told when a request could not be handed over at all. */
export function sendFailed(answered: Omit<Answered, 'value'>, error: unknown): Told {
  const { path, attempt, direction } = answered
  const failure = failureOfError(path, error)
  return direction === 'forward'
    ? { kind: 'failed', path, attempt, failure }
    : { kind: 'undo-failed', path, attempt, failure }
}

function undoReplied(path: string, attempt: number, reply: Reply): Told {
  if (reply.status === 200) return { kind: 'undone', path, attempt }
  const outcome = reply.status === 400 ? 'refused' : outcomeOfSystemError(reply.content)
  return { kind: 'undo-failed', path, attempt, failure: responseFailure(path, reply, outcome) }
}

function responseFailure(path: string, reply: Reply, outcome: Failure['outcome']): Failure {
  const details = { status: reply.status, content: shown(reply.content) }
  const error = codedError('SAGA_RESPONSE_FAILED', { details })
  const message = `${error.message}: ${details.status} ${details.content}`
  return { path, outcome, code: error.code, message, error }
}

function shown(content: unknown): string {
  try {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    return (text ?? '').slice(0, SHOWN_MAX)
  } catch {
    return ''
  }
}

const SHOWN_MAX = 500

function errorOf(ending: Ending): unknown {
  if (ending.kind === 'returned') return ending.value
  return ending.kind === 'abandoned' ? ending.why : ending.error
}
