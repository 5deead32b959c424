/**
 * What an error says about the operation that threw it: whether it refused, certainly did not
 * happen, or may have happened.
 *
 * 1. Refusals are what authors throw as such, and rejections by a command's handler.
 * 2. Aborts, timeouts, broken connections and what the table calls CANCELLED, DEADLINE_EXCEEDED,
 *    UNAVAILABLE or UNKNOWN leave open whether it happened; also when such an error is the cause of
 *    the one that was thrown.
 * 3. Everything else that an operation throws says that nothing happened.
 *
 * Whatever was thrown is looked at with care: it may be no error at all, and its getters may throw.
 */
import { CodedError, messageOf } from '../../errors.ts'
import { CommandRejectedError } from '../../errors/client-error.ts'
import type { Failure } from '../journal.ts'
import { RefusedError } from '../refusal.ts'

/** The outcome an error stands for. */
export function outcomeOfError(error: unknown): Failure['outcome'] {
  if (error instanceof RefusedError || error instanceof CommandRejectedError) return 'refused'
  let at: unknown = error
  for (let depth = 0; depth < CAUSES_MAX && typeof at === 'object' && at !== null; depth++) {
    if (mayHaveHappened(at)) return 'unknown'
    // One of ours that says for sure covers what was underneath.
    if (at instanceof CodedError) return 'failed'
    at = read(at, 'cause')
  }
  return 'failed'
}

/** An error under this key says that its operation happened, and only its result cannot be used. */
export const HAPPENED: unique symbol = Symbol.for('amends.happened')

/** See {@link HAPPENED}. */
export function hasHappened(error: unknown): boolean {
  return typeof error === 'object' && error !== null && HAPPENED in error
}

/** A failure made of anything thrown. */
export function failureOfError(
  path: string,
  error: unknown,
  outcome: Failure['outcome'] = outcomeOfError(error),
): Failure {
  return { path, outcome, code: codeOfError(error), message: textOf(error), error }
}

/** The code of anything thrown: its own, or the name of its class. */
function codeOfError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'ERROR'
  const code = read(error, 'code')
  if (typeof code === 'string' && code !== '') return code
  const name = read(error, 'name')
  return typeof name === 'string' && name !== '' ? name : 'ERROR'
}

const CAUSES_MAX = 8

function mayHaveHappened(error: object): boolean {
  if (error instanceof CodedError) return isOpenStatus(error)
  const name = read(error, 'name')
  if (name === 'AbortError' || name === 'TimeoutError') return true
  const code = read(error, 'code')
  if (typeof code === 'string') return CONNECTION_CODES.has(code) || code.startsWith('UND_ERR_')
  // What gRPC libraries throw: a number, and the metadata that came with it.
  return typeof code === 'number' && OPEN_NUMBERS.has(code) && read(error, 'metadata') !== undefined
}

function isOpenStatus(error: CodedError): boolean {
  if (NEVER_SENT.has(error.code)) return false
  return OPEN_STATUSES.has(error.grpcStatus)
}

const OPEN_STATUSES: ReadonlySet<string> = new Set([
  'CANCELLED',
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
])

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, UNAVAILABLE. */
const OPEN_NUMBERS: ReadonlySet<number> = new Set([1, 2, 4, 14])

/** Codes that say so much: what was asked for has not left this process. */
const NEVER_SENT: ReadonlySet<string> = new Set(['CIRCUIT_OPEN', 'LEDGER_CLOSED'])

const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ABORT_ERR',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'EPIPE',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
])

function read(from: object, key: string): unknown {
  try {
    return (from as Readonly<Record<string, unknown>>)[key]
  } catch {
    return undefined
  }
}

function textOf(error: unknown): string {
  try {
    const text: unknown = messageOf(error)
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}
