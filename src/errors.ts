/**
 * Every error Amends raises on purpose has a code. This file owns the base class and the one table
 * of codes: message, gRPC status, and what the engine does about it.
 *
 * 1. A message is fixed text; facts about the occurrence go into `details`, values as strings.
 * 2. What to do next is said in `hint`, in our own names; `message` stays the contract's text.
 * 3. Nobody but this table decides whether something is worth another try.
 */
import { clientErrors } from './errors/client-codes.ts'
import { busErrors } from './errors/bus-codes.ts'
import { engineErrors } from './errors/engine-codes.ts'
import { hostErrors } from './errors/host-codes.ts'
import { ledgerErrors } from './errors/ledger-codes.ts'
import { sagaErrors } from './errors/saga-codes.ts'
import type { Disposition, ErrorRow, GrpcStatusName } from './errors/error-row.ts'

/** Every code with its message, gRPC status and disposition. */
export const errorTable: typeof clientErrors &
  typeof ledgerErrors &
  typeof engineErrors &
  typeof hostErrors &
  typeof busErrors &
  typeof sagaErrors = {
  ...clientErrors,
  ...ledgerErrors,
  ...engineErrors,
  ...hostErrors,
  ...busErrors,
  ...sagaErrors,
}

/** A code of the table. Authors may use codes of their own in rejections. */
export type ErrorCode = keyof typeof errorTable

/** Facts about one occurrence. Keys are snake_case, values text. */
export type ErrorDetails = Readonly<Record<string, string>>

/** What a coded error may carry beside its message. */
export type CodedErrorOptions<C extends string = string> = {
  readonly code: C
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
  readonly hint?: string | undefined
}

/** The base of every error that Amends throws on purpose. `code` never changes once published. */
export class CodedError<C extends string = string> extends Error {
  readonly code: C
  readonly details: ErrorDetails
  /** What to do next, in the words of this library; empty when there is nothing to add. */
  readonly hint: string

  constructor(message: string, options: CodedErrorOptions<C>) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.details = asText(options.details)
    this.hint = options.hint ?? ''
  }

  /** The gRPC status this error is answered with. */
  get grpcStatus(): GrpcStatusName {
    return rowOf(this.code)?.grpc ?? 'INTERNAL'
  }
}

/**
 * Makes a coded error with the message of the table.
 *
 * @param code a code of {@link errorTable}
 */
export function codedError<C extends ErrorCode>(
  code: C,
  options: Omit<CodedErrorOptions<C>, 'code'> = {},
): CodedError<C> {
  return new CodedError(errorTable[code].message, { ...options, code })
}

/** The row of a code, or `undefined` for a code that the table does not have. */
export function rowOf(code: string): ErrorRow | undefined {
  return Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode] : undefined
}

const dispositionOfStatus: Readonly<Record<GrpcStatusName, Disposition>> = {
  OK: 'reject',
  CANCELLED: 'retry',
  UNKNOWN: 'retry',
  INVALID_ARGUMENT: 'reject',
  DEADLINE_EXCEEDED: 'retry',
  NOT_FOUND: 'reject',
  ALREADY_EXISTS: 'reject',
  PERMISSION_DENIED: 'reject',
  RESOURCE_EXHAUSTED: 'retry',
  FAILED_PRECONDITION: 'reject',
  ABORTED: 'reject',
  OUT_OF_RANGE: 'reject',
  UNIMPLEMENTED: 'reject',
  INTERNAL: 'retry',
  UNAVAILABLE: 'retry',
  DATA_LOSS: 'retry',
  UNAUTHENTICATED: 'reject',
}

/** What to do after a gRPC status that came without a code of ours. */
export function dispositionOf(status: GrpcStatusName): Disposition {
  return dispositionOfStatus[status]
}

/** The code of anything thrown; the empty string when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof CodedError ? error.code : ''
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function asText(details: Readonly<Record<string, unknown>> | undefined): ErrorDetails {
  if (details === undefined) return {}
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, String(value)]))
}
