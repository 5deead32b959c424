/** What a request is answered with: the automatic status of results, refusals and errors. Pure. */
import { CodedError, codeOf, codedError, messageOf } from '../errors.ts'
import { CommandRejectedError } from '../errors/client-error.ts'
import { encodeValue } from '../wire/values/encode-value.ts'

/** The statuses of answers (Minos: `SagaResponseStatus`). */
export type AnswerStatus = 200 | 400 | 500

/** An answer, ready to be sent, and to be sent again. */
export type Answer = {
  readonly status: AnswerStatus
  readonly content: Uint8Array
  /** SCREAMING_SNAKE, of a refusal or failure; else ''. */
  readonly code: string
  /** There was nothing to do. */
  readonly isWithoutEffect: boolean
}

/** How errors are told apart and told. */
export type ErrorRules = {
  /** Whether an error is a refusal: nothing happened, and asking again will not change it. */
  readonly isRefusal: (error: unknown) => boolean
  /** What of the text of an unexpected error leaves this service. */
  readonly redact: (text: string, error: unknown) => string
}

/** The answer to a request that did its work. @throws CodedError when the value cannot be sent */
export function answerOfValue(value: unknown): Answer {
  return { status: 200, content: encodeValue(value), code: '', isWithoutEffect: false }
}

/** The answer to an undo that had nothing to undo. */
export function answerWithoutEffect(): Answer {
  return { status: 200, content: encodeValue(undefined), code: '', isWithoutEffect: true }
}

/** The answer to a request that was undone before it came. */
export function answerOfCancelled(): Answer {
  return answerOfRefusal(codedError('REQUEST_CANCELLED'))
}

/** The answer to a request whose handler, or whose content, ended in an error. */
export function answerOfError(error: unknown, rules: ErrorRules): Answer {
  if (isRefusal(error, rules)) return answerOfRefusal(error)
  const code = safely(() => codeOf(error)) || 'REQUEST_HANDLER_FAILED'
  return failing(
    500,
    code,
    safely(() => rules.redact(messageOf(error), error)),
  )
}

/** The answer that an error stands for, told as it is: the error is ours, or its author's refusal. */
export function answerOfRefusal(error: unknown): Answer {
  const code = safely(() => codeOf(error)) || 'REFUSED'
  const details = error instanceof CodedError ? error.details : {}
  return failing(
    400,
    code,
    safely(() => messageOf(error)),
    details,
  )
}

/**
 * The default for telling refusals: errors marked with {@link REFUSAL}, `RefusedError` and
 * `CommandRejectedError` and what extends them, and contents that were refused. Every other error may
 * have been thrown when something had happened already.
 */
export function isRefusalByDefault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (REFUSAL in error) return error[REFUSAL] === true
  if (codeOf(error) === 'REQUEST_CONTENT_INVALID') return true
  return error instanceof CommandRejectedError || isRefusedError(error)
}

/** An error that has this set to true is a refusal. */
export const REFUSAL: unique symbol = Symbol.for('amends.refusal')

/** Whether it is of the class of the saga's refusals, which this layer does not know. */
function isRefusedError(error: Error): boolean {
  let prototype: unknown = Object.getPrototypeOf(error)
  while (prototype instanceof Error) {
    if (prototype.constructor.name === 'RefusedError') return true
    prototype = Object.getPrototypeOf(prototype)
  }
  return false
}

const TEXT_LENGTH_MAX = 1_000

/** The names that the reference system's documentation reads from error replies. */
function failing(
  status: 400 | 500,
  code: string,
  text: string,
  details: Readonly<Record<string, string>> = {},
): Answer {
  const message = text.slice(0, TEXT_LENGTH_MAX)
  const content = { ...details, error_code: code, error_message: message, message }
  return { status, content: encodeValue(content), code, isWithoutEffect: false }
}

function isRefusal(error: unknown, rules: ErrorRules): boolean {
  try {
    return rules.isRefusal(error)
  } catch {
    return false
  }
}

/** What an author's error throws while it is read is not worth another error. */
function safely(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
