/** Replies that are no success, as the errors that fail a step. */
import { inspect } from 'node:util'
import type { Reply } from '../../machine/bindings.ts'
import { SagaResponseError } from '../errors/execution-errors.ts'
import { RefusedError } from '../../machine/refusal.ts'

/** The refusal in a reply with status `ERROR`: code and reason as the service gave them. */
export function refusalIn(reply: Reply): RefusedError {
  const { code, message } = reasonIn(reply.content)
  const details = { status: reply.status }
  return new RefusedError(message, code === undefined ? { details } : { code, details })
}

/** The failure in any other reply; its message shows status and content. */
export function serviceFailure(reply: Reply): SagaResponseError {
  const { message } = reasonIn(reply.content)
  return new SagaResponseError(`the service answered ${reply.status}: ${message}`, {
    details: { status: reply.status },
  })
}

type Reason = { readonly code: string | undefined; readonly message: string }

/** Participants of ours say `error_code` and `error_message`; others what they like. */
function reasonIn(content: unknown): Reason {
  if (typeof content === 'string') return { code: undefined, message: content }
  const code = textIn(content, ['error_code', 'code'])
  const message = textIn(content, ['error_message', 'message', 'reason', 'error'])
  return { code, message: message ?? inspect(content, { depth: 2, breakLength: Infinity }) }
}

function textIn(content: unknown, keys: readonly string[]): string | undefined {
  if (typeof content !== 'object' || content === null) return undefined
  const found = keys.map((key): unknown => Reflect.get(content, key))
  return found.find((value): value is string => typeof value === 'string' && value !== '')
}
