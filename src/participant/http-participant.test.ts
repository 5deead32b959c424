import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../errors.ts'
import { httpParticipant, type HttpParticipantOptions } from './http-participant.ts'

test('options that cannot work are refused at once, without showing what they hold', () => {
  const routes = { 'payments.charge': 'POST /charges' }
  const baseUrl = 'http://payments.test'
  const bad: readonly Partial<Record<keyof HttpParticipantOptions, unknown>>[] = [
    { baseUrl: 'payments.test', routes },
    { baseUrl: 'ftp://payments.test', routes },
    { baseUrl: 'http://me:s3cret@payments.test', routes },
    { baseUrl: 'http://payments.test/?key=s3cret', routes },
    { baseUrl: undefined, routes },
    { baseUrl, routes: { a: 'FETCH /x' } },
    { baseUrl, routes: { a: 'POST x' } },
    { baseUrl, routes: { a: 'POST /x y' } },
    { baseUrl, routes: { a: 7 } },
    { baseUrl, routes: { a: { path: '/x', timeoutMs: -1 } } },
    { baseUrl, routes, timeoutMs: 0 },
    { baseUrl, routes, replyBytesMax: Number.NaN },
    { baseUrl, routes, retryAfterMsMax: -1 },
  ]
  for (const options of bad) {
    assert.throws(
      // They are wrong on purpose.
      () => httpParticipant(options as unknown as HttpParticipantOptions),
      (error) =>
        codeOf(error) === 'CONFIGURATION_INVALID' && !JSON.stringify(error).includes('s3cret'),
    )
  }
})
