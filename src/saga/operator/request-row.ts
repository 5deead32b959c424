/**
 * Requests of operators and of processes that stand by as rows of the ledger: whoever opens the ledger
 * file can store one, and the process that runs the executions finds it there.
 *
 * 1. The key of a row is the request's id; it is put only where there is none.
 * 2. Its group is `open` until it is answered. The answer is put in the commit of the entry the
 *    request leads to, so that it is carried out once, and is due for removal later.
 * 3. The content is a record of plain data with the number of its shape; a shape that is not known
 *    here is left alone.
 */
import { NANOSECONDS_PER_MS } from '../../clock.ts'
import { codedError, type CodedError } from '../../errors.ts'
import type { Row, RowChange } from '../../ledger/ledger.ts'
import { limits } from '../../limits.ts'
import { decodeValue } from '../../wire/values/decode-value.ts'
import { encodeValues } from '../../wire/values/encode-value.ts'
import { sameValue } from '../../wire/values/same-value.ts'
import {
  checkRequest,
  type OperatorAnswer,
  type OperatorRequest,
  type Wish,
} from './operator-request.ts'

/** The space of requests. */
export const REQUESTS = 'saga-request'

/** The groups of its rows. */
export const OPEN_REQUESTS = 'open'
export const ANSWERED_REQUESTS = 'answered'

/** A request as it is stored. */
export type StoredRequest = {
  readonly request: OperatorRequest
  /** Undefined while it is open. */
  readonly answer: OperatorAnswer | undefined
}

/**
 * The change that stores a request; its row must not be there.
 *
 * @throws CodedError `OPERATOR_REQUEST_INVALID`, `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
 */
export function putRequest(request: OperatorRequest): RowChange {
  checkRequest(request)
  const value = encode(request, undefined)
  if (value.length > limits.valueBytesMax) {
    throw codedError('VALUE_TOO_LARGE', { details: { bytes: value.length } })
  }
  const { id } = request
  return { kind: 'put', space: REQUESTS, key: id, value, expected: 'absent', group: OPEN_REQUESTS }
}

/** The change that answers a request. */
export function putAnswer(request: OperatorRequest, answer: OperatorAnswer): RowChange {
  return {
    kind: 'put',
    space: REQUESTS,
    key: request.id,
    value: encode(request, answer),
    // Only the process with the lease answers, and it looks whether it has.
    expected: 'any',
    group: ANSWERED_REQUESTS,
    dueAt: answer.at + BigInt(limits.operatorAnswersKeptMs) * NANOSECONDS_PER_MS,
  }
}

/**
 * Reads a row.
 *
 * @throws CodedError `VALUE_UNREADABLE` when it is damaged, or was stored by a newer version
 */
export function requestOf(row: Row): StoredRequest {
  const stored = decodeValue(row.value)
  if (!isRecord(stored) || stored['shape'] !== SHAPE) throw unreadable(row.key)
  const { execution, by, askedAt, wish, answer } = stored
  const isWhole =
    typeof execution === 'string' &&
    typeof by === 'string' &&
    typeof askedAt === 'bigint' &&
    isWish(wish) &&
    (answer === undefined || isAnswer(answer))
  if (!isWhole) throw unreadable(row.key)
  return { request: { id: row.key, execution, by, askedAt, wish }, answer }
}

/** Whether two requests ask for the same, whenever they ask. */
export function isSameRequest(one: OperatorRequest, other: OperatorRequest): boolean {
  const { execution, by, wish } = one
  return execution === other.execution && by === other.by && sameValue(wish, other.wish)
}

const SHAPE = 1

function encode(request: OperatorRequest, answer: OperatorAnswer | undefined): Uint8Array {
  const { execution, by, askedAt, wish } = request
  return encodeValues({ shape: SHAPE, execution, by, askedAt, wish, answer })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWish(value: unknown): value is Wish {
  if (!isRecord(value)) return false
  const { kind, reason, signal, path, verb, definition, fingerprint } = value
  switch (kind) {
    case 'start':
      return typeof definition === 'string' && typeof fingerprint === 'string'
    case 'cancel':
    case 'compensate':
      return typeof reason === 'string'
    case 'signal':
      return typeof signal === 'string'
    case 'resolve':
      return typeof path === 'string' && typeof verb === 'string' && typeof reason === 'string'
    default:
      return false
  }
}

function isAnswer(value: unknown): value is OperatorAnswer {
  if (!isRecord(value)) return false
  const { at, outcome, code, message, hint } = value
  const isText = [code, message, hint].every((one) => typeof one === 'string')
  return isText && typeof at === 'bigint' && (outcome === 'done' || outcome === 'refused')
}

function unreadable(id: string): CodedError {
  return codedError('VALUE_UNREADABLE', {
    details: { space: REQUESTS, id },
    hint: 'The request is damaged, or was stored by a newer version of Amends.',
  })
}
