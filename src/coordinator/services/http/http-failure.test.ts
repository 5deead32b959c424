import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codedError } from '../../../errors.ts'
import { CommandRejectedError } from '../../../errors/client-error.ts'
import { HTTP_STATUSES, httpFailure } from './http-failure.ts'

test('a failure has the status that gateways give it', () => {
  assert.deepEqual(
    Object.entries(HTTP_STATUSES).map(([name, status]) => `${name} ${status}`),
    [
      'OK 200',
      'CANCELLED 499',
      'UNKNOWN 500',
      'INVALID_ARGUMENT 400',
      'DEADLINE_EXCEEDED 504',
      'NOT_FOUND 404',
      'ALREADY_EXISTS 409',
      'PERMISSION_DENIED 403',
      'RESOURCE_EXHAUSTED 429',
      'FAILED_PRECONDITION 400',
      'ABORTED 409',
      'OUT_OF_RANGE 400',
      'UNIMPLEMENTED 501',
      'INTERNAL 500',
      'UNAVAILABLE 503',
      'DATA_LOSS 500',
      'UNAUTHENTICATED 401',
    ],
  )
})

test('a failure keeps code, text, details, cover and hint', () => {
  const cover = { domain: 'order', correlationId: 'c' }
  const options = { code: 'ORDER_CLOSED', details: { order: 7 }, hint: 'Open it.', cover }
  const error = new CommandRejectedError('order is closed', 'FAILED_PRECONDITION', options)
  assert.deepEqual(httpFailure(error), {
    status: 400,
    headers: {},
    body: {
      code: 9,
      status: 'FAILED_PRECONDITION',
      reason: 'ORDER_CLOSED',
      message: 'order is closed',
      hint: 'Open it.',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'ORDER_CLOSED',
          domain: 'angzarr.io',
          metadata: { order: '7' },
        },
        { '@type': 'type.googleapis.com/angzarr_client.proto.angzarr.Cover', ...cover },
      ],
    },
  })
})

test('a failure that nobody coded is INTERNAL, whatever was thrown', () => {
  for (const thrown of [new TypeError('x'), 'x', undefined, Object.create(null)]) {
    const { status, body } = httpFailure(thrown)
    assert.deepEqual([status, body['status'], body['reason']], [500, 'INTERNAL', ''])
  }
})

test('a failure says what HTTP wants to know besides', () => {
  const missing = httpFailure(codedError('API_KEY_MISSING'))
  assert.deepEqual(missing.headers, { 'www-authenticate': 'Bearer' })
  const verb = httpFailure(codedError('PATH_METHOD_UNSUPPORTED', { details: { allow: 'GET' } }))
  assert.deepEqual([verb.status, verb.headers], [405, { allow: 'GET' }])
})
