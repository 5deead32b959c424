/**
 * What callbacks get and leave. The machine's values are plain records; a callback gets a context of
 * its own, made from a copy, so that nothing it does to it leaks unless the step succeeds.
 */
import { CodedError, codedError, codeOf } from '../../errors.ts'
import { copyValue } from '../../wire/values/copy-value.ts'
import { isPlainRecord } from '../../wire/values/plain-data.ts'
import { SagaContext, SagaContextMembers } from '../context/saga-context.ts'
import { HAPPENED } from '../../machine/perform/outcome-of-error.ts'
import { RefusedError } from '../../machine/refusal.ts'

/** A context for one callback, made from the value of an execution, which is a record. */
export function contextCopy(value: unknown): SagaContext {
  return new SagaContext(value as Record<string, unknown>)
}

/**
 * What a callback leaves: the record of what it returned, of its own context when it returned nothing.
 * A returned Error is what it leaves; the machine knows what that means where.
 *
 * @throws CodedError `SAGA_CALLBACK_RESULT_INVALID` for what is no context, and for a context that
 *   holds something that cannot be stored. Whatever the callback has done is done by then, so
 *   that its step has happened.
 */
export function recordLeft(context: SagaContext, result: unknown): Record<string, unknown> | Error {
  if (result instanceof Error) return result
  const left = result ?? context
  try {
    if (left instanceof SagaContextMembers) return left.toRecord()
    if (isRecord(left)) return copyValue(withFields(context, { ...left }))
  } catch (cause) {
    const details = cause instanceof CodedError ? cause.details : {}
    throw invalidResult({ ...details, reason: codeOf(cause) }, cause)
  }
  throw invalidResult({ got: kindOf(left) })
}

/**
 * A spread of a context holds a method of it where a field has the name of that method; the field is
 * what was meant.
 */
function withFields(context: SagaContext, left: Record<string, unknown>): Record<string, unknown> {
  for (const [key, value] of Object.entries(left)) {
    if (typeof value !== 'function' || !context.has(key)) continue
    if (value === Reflect.get(context, key)) left[key] = context.get(key)
  }
  return left
}

function invalidResult(details: Readonly<Record<string, string>>, cause?: unknown): CodedError {
  const hint = 'Return a context, nothing to keep the one you got, or an Error to fail the step.'
  const error = codedError('SAGA_CALLBACK_RESULT_INVALID', { details, hint, cause })
  return Object.assign(error, { [HAPPENED]: true })
}

/** An author's error as a refusal: itself if it is one, else the cause of one. */
export function asRefusal(error: Error): RefusedError {
  return error instanceof RefusedError ? error : new RefusedError(error.message, { cause: error })
}

/** Anything with fields of its own: what is neither a list nor one value, such as a date. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlainRecord(value)
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value
  return value.constructor?.name ?? 'object'
}
