/**
 * Comparing what came out with what was expected. Both sides become plain data first, so that the
 * difference shows names and values instead of bytes.
 */
import { AssertionError, deepStrictEqual } from 'node:assert'
import { isMessage, type Message } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import { codecOf, requireSchema } from '../../component/known-messages.ts'
import { unpackAny } from '../../wire/any.ts'
import { typeNameFromUrl } from '../../wire/type-url.ts'

/** Where in a test an expectation stands; an error of it points there. */
export type Place = { readonly stack: string }

/** The place from which the calling expectation was called. */
export function placeOf(): Place {
  const place: { stack?: string } = {}
  Error.captureStackTrace(place, placeOf)
  return { stack: framesIn(place).slice(1).join('\n') }
}

/**
 * Requires that two values are the same in all parts.
 *
 * @throws AssertionError with what is expected in words, and the difference
 */
export function requireSame(actual: unknown, expected: unknown, what: string, place: Place): void {
  try {
    deepStrictEqual(actual, expected)
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    error.message = `${what}\n\n${error.message}`
    throw placed(error, place)
  }
}

/** An assertion that failed for another reason than a difference. */
export function failedAssertion(
  what: string,
  place: Place,
  difference: { readonly actual?: unknown; readonly expected?: unknown } = {},
): AssertionError {
  const options = { message: what, operator: 'deepStrictEqual', ...difference }
  return placed(new AssertionError(options), place)
}

/** A message as plain data, as it is once it has been on the wire. */
export function plainMessage(message: Message): unknown {
  const codec = codecOf(message)
  return plain(codec.decode(codec.encode(message)))
}

/** A packed message as plain data. */
export function plainPacked(packed: Any): unknown {
  return plain(unpacked(packed))
}

/**
 * A packed message.
 *
 * @throws DispatchError `MESSAGE_SCHEMA_UNKNOWN` for a type that nothing in this process mentions
 */
export function unpacked(packed: Any): Message {
  return unpackAny(requireSchema(typeNameFromUrl(packed.typeUrl)), packed)
}

/** Any value as plain data: objects without prototypes and without unknown fields. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (!isMessage(value) && Object.getPrototypeOf(value) !== Object.prototype) return value
  const fields = Object.entries(value).filter(([name]) => name !== '$unknown')
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]))
}

function placed(error: AssertionError, { stack }: Place): AssertionError {
  error.stack = `${error.name} [${error.code}]: ${error.message}\n${stack}`
  return error
}

function framesIn({ stack = '' }: { readonly stack?: string }): readonly string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line))
}
