/**
 * Guards for command handlers (Angzarr client: `validation`). Each throws a
 * {@link CommandRejectedError} with fixed text and one detail, or does nothing.
 */
import { CommandRejectedError, type RejectionStatus } from '../errors/client-error.ts'
import { type ErrorCode, errorTable } from '../errors.ts'

/** Refuses when something is missing. @throws CommandRejectedError `ENTITY_NOT_FOUND` */
export function requireExists(exists: boolean, context: string): void {
  if (!exists) throw refusal('NOT_FOUND', 'ENTITY_NOT_FOUND', { context })
}

/** Refuses when something is there already. @throws CommandRejectedError `ENTITY_ALREADY_EXISTS` */
export function requireNotExists(exists: boolean, context: string): void {
  if (exists) throw refusal('FAILED_PRECONDITION', 'ENTITY_ALREADY_EXISTS', { context })
}

/** Refuses zero, less, and NaN. @throws CommandRejectedError `VALUE_NOT_POSITIVE` */
export function requirePositive(value: number | bigint, field: string): void {
  if (!(value > 0)) throw refusal('INVALID_ARGUMENT', 'VALUE_NOT_POSITIVE', { field })
}

/** Refuses less than zero, and NaN. @throws CommandRejectedError `VALUE_NOT_NON_NEGATIVE` */
export function requireNonNegative(value: number | bigint, field: string): void {
  if (!(value >= 0)) throw refusal('INVALID_ARGUMENT', 'VALUE_NOT_NON_NEGATIVE', { field })
}

/** Refuses a collection without elements. @throws CommandRejectedError `COLLECTION_EMPTY` */
export function requireNotEmpty(
  items: { readonly length: number } | { readonly size: number },
  field: string,
): void {
  const count = 'length' in items ? items.length : items.size
  if (count === 0) throw refusal('INVALID_ARGUMENT', 'COLLECTION_EMPTY', { field })
}

/** Refuses the empty text; blanks are text. @throws CommandRejectedError `VALUE_EMPTY` */
export function requireNotEmptyStr(value: string, field: string): void {
  if (value === '') throw refusal('INVALID_ARGUMENT', 'VALUE_EMPTY', { field })
}

/** Refuses another status than the expected one. @throws CommandRejectedError `STATUS_MISMATCH` */
export function requireStatus<T>(actual: T, expected: NoInfer<T>, context: string): void {
  if (actual !== expected) throw refusal('FAILED_PRECONDITION', 'STATUS_MISMATCH', { context })
}

/** Refuses one status. @throws CommandRejectedError `STATUS_FORBIDDEN` */
export function requireStatusNot<T>(actual: T, forbidden: NoInfer<T>, context: string): void {
  if (actual === forbidden) throw refusal('FAILED_PRECONDITION', 'STATUS_FORBIDDEN', { context })
}

function refusal(
  status: RejectionStatus,
  code: ErrorCode,
  details: Readonly<Record<string, string>>,
): CommandRejectedError {
  return new CommandRejectedError(errorTable[code].message, status, { code, details })
}
