/** Requests to services as messages: how they are made, and how they are read. */
import type { BusMessage } from '../bus/bus.ts'
import type { Nanoseconds } from '../clock.ts'
import { type CodedError, codedError } from '../errors.ts'
import { encodeValue } from '../wire/values/encode-value.ts'
import { headerNames as names, listOf } from './headers.ts'

/** Forward is a step, backward its undo. */
export type RequestDirection = 'forward' | 'backward'

/** The request that an undo undoes. */
export type UndoneRequest = {
  readonly requestId: string
  /** Where it was sent; default: to the same service. */
  readonly target?: string | undefined
  /** When its first attempt was sent. Without it nobody can tell whether it is on its way still. */
  readonly sentAt?: Nanoseconds | undefined
  /** It is known to have had its effect. Default: false, it may have. */
  readonly happened?: boolean | undefined
}

/** What a request says beside its content. */
export type SagaRequestEnvelope = {
  /** Execution, step path and direction; never the attempt. */
  readonly requestId: string
  readonly target: string
  readonly executionId: string
  readonly path: string
  readonly direction: RequestDirection
  /** Counts from 1. */
  readonly attempt: number
  readonly correlationId: string
  readonly user?: string | undefined
  /** Of an undo. */
  readonly undoes?: UndoneRequest | undefined
}

/**
 * The message of a request (Minos: what `RequestExecutor` publishes). A request and its undo have
 * one ordering key: the id of the request.
 *
 * @param request.replyTo where the reply is expected; see `replyTopicOf`
 * @param request.inherited headers of the message that set this execution off; they go along
 * @param request.isolated whether this execution is added to the `transactions`: what its participants
 *   write stays pending until it tells them to commit. Default: false
 * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
 */
export function requestMessage(
  request: SagaRequestEnvelope & {
    readonly content: unknown
    readonly replyTo?: string | undefined
    readonly inherited?: Readonly<Record<string, string>> | undefined
    readonly isolated?: boolean | undefined
  },
): BusMessage {
  const { requestId, undoes, inherited } = request
  return {
    topic: request.target,
    id: requestId,
    key: undoes?.requestId ?? requestId,
    headers: { ...(inherited === undefined ? {} : passedOn(inherited)), ...ownHeaders(request) },
    content: encodeValue(request.content),
    replyTo: request.replyTo,
  }
}

function ownHeaders(
  request: SagaRequestEnvelope & {
    readonly inherited?: Readonly<Record<string, string>> | undefined
    readonly isolated?: boolean | undefined
  },
): Record<string, string> {
  const { executionId, undoes, inherited, isolated = false } = request
  const transactions = listOf(inherited?.[names.transactions])
  if (isolated) transactions.push(executionId)
  const headers: Record<string, string> = {
    [names.saga]: executionId,
    [names.request]: request.requestId,
    [names.attempt]: String(request.attempt),
    [names.direction]: request.direction,
    [names.path]: request.path,
    [names.correlationId]: request.correlationId,
  }
  if (transactions.length > 0) headers[names.transactions] = transactions.join(',')
  if (request.user !== undefined) headers[names.user] = request.user
  if (undoes === undefined) return headers
  headers[names.undoes] = undoes.requestId
  if (undoes.target !== undefined) headers[names.undoesTarget] = undoes.target
  if (undoes.sentAt !== undefined) headers[names.undoesSentAt] = String(undoes.sentAt)
  if (undoes.happened === true) headers[names.undoesHappened] = 'yes'
  return headers
}

/** What another request or reply said of itself does not go along. */
function passedOn(inherited: Readonly<Record<string, string>>): Record<string, string> {
  const headers = { ...inherited }
  for (const name of OF_ONE_MESSAGE) delete headers[name]
  return headers
}

const OF_ONE_MESSAGE: readonly string[] = [
  names.undoes,
  names.undoesTarget,
  names.undoesSentAt,
  names.undoesHappened,
  names.code,
  names.effect,
]

/** A request as a participant reads it. */
export type IncomingRequest = SagaRequestEnvelope & {
  readonly message: BusMessage
  readonly relatedServices: readonly string[]
  /** The isolated executions that it belongs to, the outermost first. */
  readonly transactions: readonly string[]
}

/**
 * Reads a request. Participants of other systems may leave out what is ours: then the message's own
 * id is the request's, the attempt is the first, the direction forward.
 *
 * @throws CodedError `REQUEST_MALFORMED` naming the header
 */
export function readRequest(message: BusMessage): IncomingRequest {
  const { headers } = message
  const executionId = headers[names.saga]
  if (executionId === undefined || executionId === '') throw malformed(names.saga, executionId)
  const requestId = headers[names.request] ?? message.id
  if (requestId === '') throw malformed(names.request, requestId)
  const direction = headers[names.direction] ?? 'forward'
  if (direction !== 'forward' && direction !== 'backward') {
    throw malformed(names.direction, direction)
  }
  return {
    message,
    requestId,
    target: message.topic,
    executionId,
    path: headers[names.path] ?? '',
    direction,
    attempt: countOf(headers),
    correlationId: headers[names.correlationId] ?? '',
    user: headers[names.user],
    undoes: undoneOf(headers, requestId),
    relatedServices: listOf(headers[names.relatedServices]),
    transactions: listOf(headers[names.transactions]),
  }
}

function countOf(headers: BusMessage['headers']): number {
  const text = headers[names.attempt]
  if (text === undefined) return 1
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw malformed(names.attempt, text)
  return Number(text)
}

function undoneOf(headers: BusMessage['headers'], own: string): UndoneRequest | undefined {
  const requestId = headers[names.undoes]
  if (requestId === undefined) return undefined
  if (requestId === '' || requestId === own) throw malformed(names.undoes, requestId)
  const sentAt = headers[names.undoesSentAt]
  if (sentAt !== undefined && !/^[0-9]{1,20}$/.test(sentAt)) {
    throw malformed(names.undoesSentAt, sentAt)
  }
  return {
    requestId,
    target: headers[names.undoesTarget],
    sentAt: sentAt === undefined ? undefined : BigInt(sentAt),
    happened: headers[names.undoesHappened] === 'yes',
  }
}

function malformed(header: string, input: string | undefined): CodedError {
  const shown = input === undefined ? 'missing' : input.slice(0, 200)
  return codedError('REQUEST_MALFORMED', { details: { header, input: shown } })
}
