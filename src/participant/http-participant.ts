/**
 * A participant in front of a service that speaks only HTTP: requests of sagas become calls, and what
 * the service answers becomes their replies.
 *
 * 1. Every call of a request carries the same `Idempotency-Key`. What may have happened is asked for
 *    again under it, so the service must keep one key from taking effect twice.
 * 2. 2xx is a success with its content; 4xx is a refusal, but for 408, 425 and 429. Everything else, a
 *    connection that fails or a time that is up among it, leaves open whether it happened.
 * 3. A service that asks to be called again later (429 or 503 with `Retry-After`) is, when that is not
 *    too late. Redirects are not followed.
 * 4. No header and no content stands in an error or a log.
 */
import type { Awaitable } from '../awaitable.ts'
import { linkSignals, sleep } from '../abort.ts'
import { type Clock, NANOSECONDS_PER_MS, systemClock } from '../clock.ts'
import { codedError, CodedError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type HttpHeaders, httpHeadersOf } from './http-headers.ts'
import { contentOfReply, type HttpReply, readHttpReply, retryAfterMs } from './http-reply.ts'
import {
  type HttpRoute,
  type HttpTarget,
  httpTargetOf,
  readBaseUrl,
  type ReadRoute,
  readRoute,
} from './http-route.ts'
import type { RequestHandler, RequestInfo } from './request-handler.ts'

/** Options of `httpParticipant`. */
export type HttpParticipantOptions = {
  /** `http(s)://host[:port][/path]`; all routes lie below it. */
  readonly baseUrl: string
  /**
   * Where the requests of each target go: `{ 'payments.charge': 'POST /charges' }`. `{field}` in a path
   * stands for a field of the content.
   */
  readonly routes: Readonly<Record<string, HttpRoute | string>>
  /** Headers of every call, such as what authorizes it; made anew for each. Default: none. */
  readonly headers?: HttpHeaders | ((info: RequestInfo) => Awaitable<HttpHeaders>) | undefined
  /** Milliseconds until a call is given up, its reply included. Default `limits.httpTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Bytes of a reply at most. Default `limits.valueBytesMax`. */
  readonly replyBytesMax?: number | undefined
  /** Milliseconds that `Retry-After` may ask for. Default `limits.httpRetryAfterMsMax`. */
  readonly retryAfterMsMax?: number | undefined
  /** Makes the calls. Default: `fetch` of this process. */
  readonly fetch?: ((url: URL, init: RequestInit) => Promise<Response>) | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/**
 * The handlers of a service that speaks only HTTP, one for each route. They answer wherever handlers
 * do: `openParticipant({ service: 'payments', url, ledger, handlers: httpParticipant({ ... }) })`, or
 * `participants` of `openSagaManager`.
 *
 * @throws CodedError `CONFIGURATION_INVALID`
 */
export function httpParticipant(options: HttpParticipantOptions): readonly RequestHandler[] {
  const { routes, headers, clock = systemClock() } = options
  const base = readBaseUrl(options.baseUrl)
  const bounds = boundsOf(options)
  const call = options.fetch ?? ((url: URL, init: RequestInit) => fetch(url, init))
  return Object.entries(routes).map(([target, given]) => {
    const route = readRoute(target, given)
    if (route.timeoutMs !== undefined) checkBound('timeoutMs', route.timeoutMs, 1)
    const service = { base, route, headers, bounds, call, clock }
    return { target, handle: (content, info) => answer(service, content, info) }
  })
}

type Bounds = {
  readonly timeoutMs: number
  readonly replyBytesMax: number
  readonly retryAfterMsMax: number
}

type Service = {
  readonly base: URL
  readonly route: ReadRoute
  readonly headers: HttpParticipantOptions['headers']
  readonly bounds: Bounds
  readonly call: NonNullable<HttpParticipantOptions['fetch']>
  readonly clock: Clock
}

async function answer(service: Service, content: unknown, info: RequestInfo): Promise<unknown> {
  const { base, route, bounds, clock } = service
  const target = httpTargetOf(base, route, { content, info })
  for (let calls = 1; ; calls++) {
    const got = await callOnce(service, target, info)
    if (got.reply !== undefined) return contentOfReply(got.reply)
    const { status, waitMs } = got
    if (waitMs > bounds.retryAfterMsMax || calls >= limits.httpCallsPerAttemptMax) {
      throw codedError('HTTP_FAILED', { details: { status, retry_after_ms: waitMs } })
    }
    await sleep(waitMs, clock, info.signal)
  }
}

type Got =
  | { readonly reply: HttpReply }
  | { readonly reply: undefined; readonly status: number; readonly waitMs: number }

async function callOnce(service: Service, target: HttpTarget, info: RequestInfo): Promise<Got> {
  const { bounds, route, call, clock } = service
  const { method, url, body } = target
  const headers = await headersOf(service, info, body !== undefined)
  const timeoutMs = route.timeoutMs ?? bounds.timeoutMs
  using linked = linkSignals({ signal: info.signal, timeoutMs }, clock)
  const { signal } = linked
  try {
    const init: RequestInit = { method, headers, redirect: 'manual', signal, body: body ?? null }
    const response = await call(url, init)
    const waitMs = retryAfterMs(response, Number(clock.wall() / NANOSECONDS_PER_MS))
    if (waitMs !== undefined) {
      await response.body?.cancel()
      return { reply: undefined, status: response.status, waitMs }
    }
    return { reply: await readHttpReply(response, bounds.replyBytesMax) }
  } catch (error) {
    throw connectionError(error, signal, timeoutMs)
  }
}

async function headersOf(
  { headers = {} }: Service,
  info: RequestInfo,
  hasBody: boolean,
): Promise<Headers> {
  const own = typeof headers === 'function' ? await headers(info) : headers
  return httpHeadersOf(own, info, hasBody)
}

/** What the platform throws may name a header or an address: only its code goes on. */
function connectionError(error: unknown, signal: AbortSignal, timeoutMs: number): CodedError {
  if (error instanceof CodedError && error.code === 'HTTP_REPLY_TOO_LARGE') return error
  const reason: unknown = signal.reason
  if (signal.aborted && reason instanceof CodedError && reason.code === 'DEADLINE_EXCEEDED') {
    return codedError('HTTP_TIMED_OUT', { details: { timeout_ms: timeoutMs } })
  }
  return codedError('HTTP_UNREACHABLE', { details: { reason: reasonOf(error) } })
}

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error
  const code: unknown =
    typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined
  return typeof code === 'string' ? code.slice(0, 100) : 'unknown'
}

function boundsOf(options: HttpParticipantOptions): Bounds {
  const bounds = {
    timeoutMs: options.timeoutMs ?? limits.httpTimeoutMs,
    replyBytesMax: options.replyBytesMax ?? limits.valueBytesMax,
    retryAfterMsMax: options.retryAfterMsMax ?? limits.httpRetryAfterMsMax,
  }
  checkBound('timeoutMs', bounds.timeoutMs, 1)
  checkBound('replyBytesMax', bounds.replyBytesMax, 1)
  checkBound('retryAfterMsMax', bounds.retryAfterMsMax, 0)
  return bounds
}

function checkBound(field: string, value: number, min: number): void {
  if (value >= min && value < Infinity) return
  const hint = `${field} is a number, ${min} or more.`
  throw codedError('CONFIGURATION_INVALID', { details: { field, got: String(value) }, hint })
}
