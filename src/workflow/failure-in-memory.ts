/** What an error says about the attempt that threw it. */
import { CodedError, codeOf, messageOf } from '../errors.ts'
import type { Failure } from '../machine/journal.ts'
import { WorkflowTimeoutError } from './workflow-timeout-error.ts'

/** A failure that keeps its error; whatever was thrown, it has a text. */
export function failureOf(path: string, outcome: Failure['outcome'], error: unknown): Failure {
  return { path, outcome, code: codeOf(error), message: textOf(error), error }
}

/** Whether the attempt may have happened: its time was up, it was stopped, a connection broke. */
export function isUnknown(error: unknown): boolean {
  if (error instanceof WorkflowTimeoutError) return true
  if (error instanceof CodedError) return UNKNOWN_STATUSES.has(error.grpcStatus)
  if (!(error instanceof Error)) return false
  if (UNKNOWN_NAMES.has(error.name)) return true
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' && UNKNOWN_CODES.has(code)
}

const UNKNOWN_STATUSES: ReadonlySet<string> = new Set(['DEADLINE_EXCEEDED', 'CANCELLED'])
const UNKNOWN_NAMES: ReadonlySet<string> = new Set(['AbortError', 'TimeoutError'])
const UNKNOWN_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
])

function textOf(error: unknown): string {
  try {
    return messageOf(error)
  } catch {
    return 'an error without a text'
  }
}
