import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  checkClientDomain,
  checkComponentName,
  checkCorrelationId,
  checkDomain,
  checkEdition,
  checkIdempotencyKey,
} from './plan-names.ts'

const refuses = (
  check: (text: string) => unknown,
  code: string,
  inputs: readonly string[],
): void => {
  for (const input of inputs) assert.throws(() => check(input), { code }, JSON.stringify(input))
}

describe('names from outside', () => {
  test('a domain is 1 to 64 characters, a letter or underscore first', () => {
    for (const name of ['a', '_meta', 'order-book_2', 'a'.repeat(64)]) checkDomain(name)
    refuses(checkDomain, 'DOMAIN_INVALID', ['', 'A', '1a', 'a b', 'a.b', 'a'.repeat(65), 'é'])
  })
  test('clients may not address the domains of the engine', () => {
    checkClientDomain('order')
    refuses(checkClientDomain, 'DOMAIN_RESERVED', ['_angzarr', '_saga'])
  })
  test('a component name begins with a letter', () => {
    checkComponentName('reserve-stock')
    refuses(checkComponentName, 'COMPONENT_NAME_INVALID', ['', '_a', 'A', 'a/b', 'a'.repeat(129)])
  })
  test('the main timeline has three spellings and one meaning', () => {
    assert.deepEqual(['', 'angzarr', 'what-if'].map(checkEdition), ['', '', 'what-if'])
    refuses(checkEdition, 'EDITION_INVALID', ['_x', 'A', 'a b', 'a'.repeat(65)])
  })
  test('a correlation id may be empty', () => {
    for (const id of ['', 'a-B_9', 'x'.repeat(128)]) checkCorrelationId(id)
    refuses(checkCorrelationId, 'CORRELATION_ID_INVALID', ['a b', 'ä', 'x'.repeat(129)])
  })
  test('an idempotency key is printable', () => {
    checkIdempotencyKey('place-10248')
    refuses(checkIdempotencyKey, 'IDEMPOTENCY_KEY_INVALID', ['', 'a b', 'ä', 'x'.repeat(257)])
  })
})
