/**
 * The two errors of the router (Angzarr client: `router`). Neither is a `ClientError`: a
 * `BuildError` means that components are declared wrongly, a `DispatchError` that a request or a
 * handler's answer is wrong.
 */
import { CodedError, codedError, type ErrorCode, errorTable } from '../errors.ts'
import type { GrpcStatusName } from '../errors/error-row.ts'

/** What a dispatch error may carry. */
export type DispatchErrorOptions = {
  /** Default: the empty string. */
  readonly errorCode?: string | undefined
  readonly extras?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
  readonly hint?: string | undefined
}

/**
 * A request that cannot be dispatched, or an answer of a handler that cannot be used (Angzarr
 * client: `DispatchError`). `code` is the contract's error code, the gRPC status is `grpcCode`.
 */
export class DispatchError extends CodedError {
  /** The gRPC status by name (Angzarr client: `code()`). */
  readonly grpcCode: GrpcStatusName

  constructor(grpcCode: GrpcStatusName, message: string, options: DispatchErrorOptions = {}) {
    super(message, {
      code: options.errorCode ?? '',
      details: options.extras,
      cause: options.cause,
      hint: options.hint,
    })
    this.grpcCode = grpcCode
  }
  /** The contract's error code (Angzarr client: `error_code`); the same as `code`. */
  get errorCode(): string {
    return this.code
  }
  /** Facts about the occurrence (Angzarr client: `extras`); the same as `details`. */
  get extras(): Readonly<Record<string, string>> {
    return this.details
  }
  override get grpcStatus(): GrpcStatusName {
    return this.grpcCode
  }
}

/** A dispatch error with message and status of the table. */
export function dispatchError(
  code: ErrorCode,
  extras: Readonly<Record<string, unknown>> = {},
  options: Pick<DispatchErrorOptions, 'cause' | 'hint'> = {},
): DispatchError {
  const { grpc, message } = errorTable[code]
  return new DispatchError(grpc, message, { ...options, errorCode: code, extras })
}

/** What a build error may carry. */
export type BuildErrorOptions = {
  /** Default: the empty string. */
  readonly code?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly hint?: string | undefined
}

/** Components that cannot be used as they are declared (Angzarr client: `BuildError`). */
export class BuildError extends CodedError {
  constructor(message: string, options: BuildErrorOptions = {}) {
    super(message, { ...options, code: options.code ?? '' })
  }
}

/** A build error with the message of the table. */
export function buildError(
  code: ErrorCode,
  details: Readonly<Record<string, unknown>> = {},
  hint?: string,
): BuildError {
  return new BuildError(errorTable[code].message, { code, details, hint })
}

/**
 * A declaration that is wrong where it stands: a decorator in the wrong place, a missing option.
 * Other languages throw their `TypeError` here.
 */
export function declarationError<C extends ErrorCode>(
  code: C,
  details: Readonly<Record<string, unknown>>,
  hint?: string,
): CodedError<C> {
  return codedError(code, { details, hint })
}

/** The name of a value's type, for `actual_return_type`: a message's, a class's, or `typeof`. */
export function typeNameOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  if ('$typeName' in value && typeof value.$typeName === 'string') return value.$typeName
  const constructor: unknown = value.constructor
  return typeof constructor === 'function' ? constructor.name : 'object'
}
