/**
 * The headers of a request over HTTP.
 *
 * 1. What says which request it is cannot be overridden: the same for every attempt, so that the
 *    service can keep its effect from happening twice.
 * 2. A value that no header can hold is not shown in any error: it may be a secret.
 */
import { codedError } from '../errors.ts'
import { headerNames } from './headers.ts'
import type { RequestInfo } from './request-handler.ts'

/** Headers by name. */
export type HttpHeaders = Readonly<Record<string, string>>

/** What is told of a request under `X-Saga-...`. */
const TOLD = {
  'x-saga-id': headerNames.saga,
  'x-saga-transactions': headerNames.transactions,
  'x-saga-path': headerNames.path,
  'x-saga-direction': headerNames.direction,
  'x-saga-user': headerNames.user,
  'x-saga-undoes': headerNames.undoes,
} as const

/**
 * All headers of a request.
 *
 * @param own what the author of the participant adds
 * @throws CodedError `HTTP_HEADERS_INVALID`
 */
export function httpHeadersOf(own: HttpHeaders, info: RequestInfo, hasBody: boolean): Headers {
  const headers = new Headers({ accept: 'application/json' })
  if (hasBody) headers.set('content-type', 'application/json')
  for (const [name, value] of Object.entries(own)) {
    try {
      headers.set(name, value)
    } catch {
      const hint = 'A header is one line of Latin-1 characters.'
      throw codedError('HTTP_HEADERS_INVALID', { details: { header: name.slice(0, 100) }, hint })
    }
  }
  headers.set('idempotency-key', headerText(info.idempotencyKey))
  headers.set('x-correlation-id', headerText(info.correlationId))
  headers.set('x-saga-attempt', String(info.attempt))
  for (const [name, from] of Object.entries(TOLD)) {
    const value = info.headers[from]
    headers.delete(name)
    if (value !== undefined && value !== '') headers.set(name, headerText(value))
  }
  return headers
}

/** Visible ASCII as it is, everything else percent-encoded: two well-formed texts never become one. */
export function headerText(text: string): string {
  if (/^[\x21-\x24\x26-\x7e]*$/.test(text)) return text
  return encodeURIComponent(text.toWellFormed())
}
