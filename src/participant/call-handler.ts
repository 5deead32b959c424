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
import type { RequestWrites } from './reply-store.ts'
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
  /** Takes what the handler wants stored with its answer; `undefined` where nothing can be. */
  readonly writes: RequestWrites[] | undefined
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
  const { handler } = call
  if (timeoutMs === undefined) return await handler.handle(content, new CallInfo(call, call.signal))
  using linked = linkSignals({ signal: call.signal(), timeoutMs }, clock)
  const info = new CallInfo(call, () => linked.signal)
  return await handler.handle(content, info)
}

function answerOf(error: unknown, call: Call, { rules, onFailure }: CallSettings): Answer {
  const answer = answerOfError(error, rules)
  if (answer.status === 500) onFailure(call.request, error)
  return answer
}

/** What a handler is told; its signal is made when it asks for it: most do not. */
class CallInfo implements RequestInfo {
  readonly target: string
  readonly requestId: string
  readonly executionId: string
  readonly path: string
  readonly attempt: number
  readonly direction: RequestInfo['direction']
  readonly correlationId: string
  readonly user: string | undefined
  readonly idempotencyKey: string
  readonly isAgain: boolean
  readonly undoes: UndoneInfo | undefined
  readonly headers: RequestInfo['headers']
  readonly transaction: string | undefined
  readonly #signal: () => AbortSignal
  readonly #writes: RequestWrites[] | undefined

  constructor({ request, handler, isAgain, undoes, writes }: Call, signal: () => AbortSignal) {
    this.target = request.target
    this.requestId = request.requestId
    this.executionId = request.executionId
    this.path = request.path
    this.attempt = request.attempt
    this.direction = request.direction
    this.correlationId = request.correlationId
    this.user = request.user
    this.idempotencyKey = request.requestId
    this.isAgain = isAgain
    this.undoes = undoes
    this.headers = request.message.headers
    // What an inner saga writes belongs to the outer one: nobody sees it before that has ended.
    this.transaction = handler.isolates === true ? request.transactions[0] : undefined
    this.#signal = signal
    this.#writes = writes
  }

  store(writes: RequestWrites): void {
    if (this.#writes === undefined) {
      const hint = 'Open the participant with a ledger.'
      throw codedError('REQUEST_STORE_MISSING', { details: { target: this.target }, hint })
    }
    this.#writes.push(writes)
  }

  get signal(): AbortSignal {
    return this.#signal()
  }
}
