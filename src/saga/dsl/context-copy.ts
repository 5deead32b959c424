/**
 * What callbacks get and leave. The machine's values are plain records; a callback gets a context of
 * its own, made from a copy, so that nothing it does to it leaks unless the step succeeds.
 */
import { codedError } from '../../errors.ts'
import type { Awaitable } from '../../machine/bindings.ts'
import { copyValue } from '../../wire/values/copy-value.ts'
import { RefusedError } from '../messages/refusal.ts'

/** A record of an execution. */
export type Fields = Record<string, unknown>

/** A context for one callback, made from the value of an execution. */
export function contextCopy(value: unknown): Fields {
  return copyValue(value as Fields)
}

/**
 * What a callback leaves: the record of what it returned, of its own context when it returned nothing.
 *
 * @throws RefusedError for a returned Error; CodedError `SAGA_CALLBACK_RESULT_INVALID` for what is no
 *   context, `VALUE_NOT_STORABLE` for a context that holds something that cannot be stored
 */
export function recordLeft(context: Fields, result: unknown): Fields {
  if (result === undefined || result === null || result === context) return copyValue(context)
  if (result instanceof Error) throw asRefusal(result)
  if (!isRecord(result)) {
    throw codedError('SAGA_CALLBACK_RESULT_INVALID', {
      details: { got: Array.isArray(result) ? 'array' : typeof result },
      hint: 'Return a context, nothing to keep the one you got, or an Error to fail the step.',
    })
  }
  return copyValue(result)
}

/** An author's error as a refusal: itself if it is one, else the cause of one. */
export function asRefusal(error: Error): RefusedError {
  return error instanceof RefusedError ? error : new RefusedError(error.message, { cause: error })
}

/** Goes on with a result at once, or when it is there: most callbacks need no turn of the loop. */
export function whenDone<T, R>(result: Awaitable<T> | T, then: (value: T) => R): Awaitable<R> {
  return isPromiseLike(result) ? result.then(then) : then(result)
}

function isPromiseLike<T>(value: Awaitable<T> | T): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function isRecord(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return true
}
