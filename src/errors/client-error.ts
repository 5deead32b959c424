/** The error classes of the Angzarr client: names, codes, predicates and constructor shapes. */
import { CodedError, type CodedErrorOptions, dispositionOf, errorTable, rowOf } from '../errors.ts'
import type { Disposition, GrpcStatusName } from './error-row.ts'

/** What every error of the client may carry; `code` defaults per class. */
export type ClientErrorOptions = Partial<CodedErrorOptions>

/** Base of the client's errors (Angzarr client: `ClientError`). All four predicates answer false. */
export class ClientError extends CodedError {
  constructor(message: string, cause?: unknown, options: ClientErrorOptions = {}) {
    super(message, { cause, ...options, code: options.code ?? '' })
  }
  /** True when the target does not exist. */
  isNotFound(): boolean {
    return false
  }
  /** True when the state forbids it; may be tried again after refreshing the state. */
  isPreconditionFailed(): boolean {
    return false
  }
  /** True when the request itself is wrong; never worth another try. */
  isInvalidArgument(): boolean {
    return false
  }
  /** True when the other side could not be reached. */
  isConnectionError(): boolean {
    return false
  }
}

/** The statuses a rejection can have. */
export type RejectionStatus = 'FAILED_PRECONDITION' | 'INVALID_ARGUMENT' | 'NOT_FOUND'

/** The cover of the command that was rejected, as far as it is known. */
export type RejectedCover = { readonly domain: string; readonly correlationId: string }

/**
 * A business refusal (Angzarr client: `CommandRejectedError`). Thrown by a handler, it refuses the
 * command and stores nothing. `FAILED_PRECONDITION` may be tried again after refreshing the state;
 * the other two never.
 */
export class CommandRejectedError extends ClientError {
  readonly statusCode: RejectionStatus
  /** Filled by the router from the rejected command when the author left it unset. */
  cover: RejectedCover | undefined

  constructor(
    message: string,
    statusCode: RejectionStatus = 'FAILED_PRECONDITION',
    options: ClientErrorOptions & { readonly cover?: RejectedCover | undefined } = {},
  ) {
    super(message, options.cause, options)
    this.statusCode = statusCode
    this.cover = options.cover
  }
  /** A refusal because of the state. The code comes first. */
  static preconditionFailed(
    code: string,
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): CommandRejectedError {
    return new CommandRejectedError(message, 'FAILED_PRECONDITION', { code, details })
  }
  /** A refusal because of the command itself. */
  static invalidArgument(
    code: string,
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): CommandRejectedError {
    return new CommandRejectedError(message, 'INVALID_ARGUMENT', { code, details })
  }
  /** A refusal because something does not exist. */
  static notFound(
    code: string,
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): CommandRejectedError {
    return new CommandRejectedError(message, 'NOT_FOUND', { code, details })
  }
  override get grpcStatus(): GrpcStatusName {
    return this.statusCode
  }
  override isNotFound(): boolean {
    return this.statusCode === 'NOT_FOUND'
  }
  override isPreconditionFailed(): boolean {
    return this.statusCode === 'FAILED_PRECONDITION'
  }
  override isInvalidArgument(): boolean {
    return this.statusCode === 'INVALID_ARGUMENT'
  }
}

/** The coordinator could not be reached. Code `CONNECTION_FAILED` unless given. */
export class ConnectionError extends ClientError {
  constructor(message = 'connection failed', options: ClientErrorOptions = {}) {
    super(message, options.cause, { ...options, code: options.code ?? 'CONNECTION_FAILED' })
  }
  override get grpcStatus(): GrpcStatusName {
    return 'UNAVAILABLE'
  }
  override isConnectionError(): boolean {
    return true
  }
}

/** The connection broke. Code `TRANSPORT_ERROR` unless given. */
export class TransportError extends ClientError {
  constructor(cause: unknown, options: ClientErrorOptions = {}) {
    super('transport error', cause, { ...options, code: options.code ?? 'TRANSPORT_ERROR' })
  }
  override get grpcStatus(): GrpcStatusName {
    return 'UNAVAILABLE'
  }
  override isConnectionError(): boolean {
    return true
  }
}

/** What a gRPC failure looks like to this class: a status name and its text. */
export type GrpcFailure = { readonly status: GrpcStatusName; readonly details: string }

/** A gRPC status other than OK. Code `GRPC_ERROR` unless the other side sent one. */
export class GRPCError extends ClientError {
  /** The status by name. */
  readonly grpcCode: GrpcStatusName
  /** The status text the server sent. */
  readonly grpcDetails: string
  constructor(cause: GrpcFailure | Error, options: ClientErrorOptions = {}) {
    super('grpc error', cause, { ...options, code: options.code ?? 'GRPC_ERROR' })
    this.grpcCode = 'status' in cause ? cause.status : 'UNKNOWN'
    this.grpcDetails = 'details' in cause ? cause.details : cause.message
  }
  /** The error underneath. */
  status(): unknown {
    return this.cause
  }
  override get grpcStatus(): GrpcStatusName {
    return this.grpcCode
  }
  override isNotFound(): boolean {
    return this.grpcCode === 'NOT_FOUND'
  }
  override isPreconditionFailed(): boolean {
    return this.grpcCode === 'FAILED_PRECONDITION'
  }
  override isInvalidArgument(): boolean {
    return this.grpcCode === 'INVALID_ARGUMENT'
  }
  override isConnectionError(): boolean {
    return this.grpcCode === 'UNAVAILABLE'
  }
}

/** Something that was passed in is wrong. Code `INVALID_ARGUMENT` unless given. */
export class InvalidArgumentError extends ClientError {
  constructor(message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause, { ...options, code: options.code ?? 'INVALID_ARGUMENT' })
  }
  override get grpcStatus(): GrpcStatusName {
    return 'INVALID_ARGUMENT'
  }
  override isInvalidArgument(): boolean {
    return true
  }
}

/** Text that is no RFC 3339 timestamp. Code `INVALID_TIMESTAMP` unless given. */
export class InvalidTimestampError extends ClientError {
  constructor(
    message: string = errorTable.INVALID_TIMESTAMP.message,
    options: ClientErrorOptions = {},
  ) {
    super(message, options.cause, { ...options, code: options.code ?? 'INVALID_TIMESTAMP' })
  }
  override get grpcStatus(): GrpcStatusName {
    return 'INVALID_ARGUMENT'
  }
}

/** The gRPC status of anything thrown: its own, or INTERNAL. */
export function grpcStatusOf(error: unknown): GrpcStatusName {
  return error instanceof CodedError ? error.grpcStatus : 'INTERNAL'
}

/**
 * Whether anything thrown is worth another try, is final, or must stop the component. A rejection
 * is final whatever its code; the table decides by code, else the gRPC status does. A code that the
 * other side sent counts under the status that the table has for it; it never stops a component.
 */
export function dispositionOfError(error: unknown): Disposition {
  if (error instanceof CommandRejectedError) return 'reject'
  if (error instanceof CodedError) {
    if (error instanceof GRPCError) return dispositionOfAnswer(error)
    return rowOf(error.code)?.then ?? dispositionOf(error.grpcStatus)
  }
  return 'retry'
}

function dispositionOfAnswer({ code, grpcCode }: GRPCError): Disposition {
  const row = rowOf(code)
  const known = row !== undefined && row.grpc === grpcCode && row.then !== 'halt'
  return known ? row.then : dispositionOf(grpcCode)
}
