/** Replies to requests as messages: how they are made, and how they are read. */
import type { BusMessage } from '../bus/bus.ts'
import { codedError } from '../errors.ts'
import { decodeValue } from '../wire/values/decode-value.ts'
import type { Answer } from './answer.ts'
import { headerNames as names, headerOf, listOf } from './headers.ts'
import type { RequestDirection } from './request-message.ts'

/**
 * The reply to a request. It carries the request's id and headers (as Minos participants do), the
 * status, and the name of the service that answers among the related services.
 *
 * The related services of a request within a transaction are those that are told to commit it: a
 * service that does not isolate leaves its name out. One that does takes the last transaction away,
 * whatever it answers.
 */
export function replyMessage(
  request: BusMessage,
  replyTo: string,
  answer: Answer,
  by: { readonly service: string; readonly isolates?: boolean | undefined },
): BusMessage {
  const { service, isolates = false } = by
  const headers: Record<string, string> = { ...request.headers }
  const transactions = listOf(headers[names.transactions])
  if (isolates || transactions.length === 0) {
    const related = listOf(headers[names.relatedServices])
    headers[names.relatedServices] = headerOf([...related, service])
  }
  if (isolates) {
    delete headers[names.transactions]
    const outer = transactions.slice(0, -1)
    if (outer.length > 0) headers[names.transactions] = outer.join(',')
  }
  if (answer.code !== '') headers[names.code] = answer.code
  if (answer.isWithoutEffect) headers[names.effect] = 'none'
  return {
    topic: replyTo,
    id: request.id,
    key: request.key,
    headers,
    content: answer.content,
    status: answer.status,
  }
}

/** A reply as the one who asked reads it. */
export type IncomingReply = {
  readonly requestId: string
  readonly executionId: string
  readonly path: string
  readonly direction: RequestDirection
  /** The attempt that it answers; a reply to any of them settles the step. */
  readonly attempt: number
  /** As it came: 200, 400, 500, or what a foreign service sent. Default: 200. */
  readonly status: number
  /** Of a refusal or failure; '' when there is none. */
  readonly code: string
  readonly services: readonly string[]
  /** There was nothing to undo. */
  readonly isWithoutEffect: boolean
  /** What it says. @throws CodedError when the content cannot be read */
  readonly content: () => unknown
}

/**
 * Reads a reply. A service that does not know our headers is understood as long as it gives back the
 * message id and `saga`.
 *
 * @throws CodedError `REPLY_MALFORMED` naming the header
 */
export function readReply(message: BusMessage): IncomingReply {
  const { headers } = message
  const executionId = headers[names.saga]
  if (executionId === undefined || executionId === '') throw malformed(names.saga, executionId)
  const direction = headers[names.direction] ?? 'forward'
  if (direction !== 'forward' && direction !== 'backward') {
    throw malformed(names.direction, direction)
  }
  const attempt = Number(headers[names.attempt] ?? 1)
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw malformed(names.attempt, headers[names.attempt])
  }
  return {
    requestId: headers[names.request] ?? message.id,
    executionId,
    path: headers[names.path] ?? '',
    direction,
    attempt,
    status: message.status ?? 200,
    code: headers[names.code] ?? '',
    services: [...new Set(listOf(headers[names.relatedServices]))],
    isWithoutEffect: headers[names.effect] === 'none',
    content: () => decodeValue(message.content),
  }
}

function malformed(header: string, input: string | undefined): Error {
  const shown = input === undefined ? 'missing' : input.slice(0, 200)
  return codedError('REPLY_MALFORMED', { details: { header, input: shown } })
}
