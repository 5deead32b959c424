/** Calls a handler: content in, answer out. It never rejects. */
import { linkSignals } from '../abort.ts'
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import { decodeValue } from '../wire/values/decode-value.ts'
import {
  type Answer,
  answerOfError,
  answerOfRefusal,
  answerOfValue,
  type ErrorRules,
} from './answer.ts'
import type { RequestHandler, RequestInfo, UndoneInfo } from './request-handler.ts'
import type { IncomingRequest } from './request-message.ts'

/** What every call of a service shares. */
export type CallSettings = {
  readonly rules: ErrorRules
  readonly clock: Clock
  /** Milliseconds until the signal of a handler aborts; `undefined`: never. */
  readonly handlerTimeoutMs: number | undefined
  /** Told of errors that are no refusals. */
  readonly onFailure: (request: IncomingRequest, error: unknown) => void
}

/** What one call is about. */
export type Call = {
  readonly handler: RequestHandler
  readonly request: IncomingRequest
  readonly isAgain: boolean
  readonly undoes: UndoneInfo | undefined
  readonly signal: () => AbortSignal
}

/** Calls the handler and makes an answer of whatever it does. */
export async function callHandler(call: Call, settings: CallSettings): Promise<Answer> {
  let content: unknown
  try {
    content = decodeValue(call.request.message.content)
  } catch (cause) {
    const details = { target: call.request.target }
    return answerOfRefusal(codedError('REQUEST_CONTENT_INVALID', { cause, details }))
  }
  try {
    const value = await handled(call, content, settings)
    if (value instanceof Error) return answerOf(value, call, settings)
    return answerOfValue(value)
  } catch (error) {
    return answerOf(error, call, settings)
  }
}

async function handled(call: Call, content: unknown, settings: CallSettings): Promise<unknown> {
  const { clock, handlerTimeoutMs: timeoutMs } = settings
  if (timeoutMs === undefined) return await call.handler.handle(content, infoOf(call, call.signal))
  using linked = linkSignals({ signal: call.signal(), timeoutMs }, clock)
  return await call.handler.handle(
    content,
    infoOf(call, () => linked.signal),
  )
}

function answerOf(error: unknown, call: Call, { rules, onFailure }: CallSettings): Answer {
  const answer = answerOfError(error, rules)
  if (answer.status === 500) onFailure(call.request, error)
  return answer
}

function infoOf({ request, isAgain, undoes }: Call, signal: () => AbortSignal): RequestInfo {
  return {
    target: request.target,
    requestId: request.requestId,
    executionId: request.executionId,
    path: request.path,
    attempt: request.attempt,
    direction: request.direction,
    correlationId: request.correlationId,
    user: request.user,
    idempotencyKey: request.requestId,
    isAgain,
    undoes,
    headers: request.message.headers,
    // Made when the handler asks for it: most do not.
    get signal() {
      return signal()
    },
  }
}
