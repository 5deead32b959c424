import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodedError } from '../errors.ts'
import { operationKey, undoKey } from './idempotency-key.ts'
import { refuse, RefusedError } from './refusal.ts'

test('a refusal carries its reason, and a code of the author or REFUSED', () => {
  const plain = refuse('no room')
  assert.ok(plain instanceof RefusedError && plain instanceof CodedError)
  assert.deepEqual(
    [plain.message, plain.code, plain.grpcStatus],
    ['no room', 'REFUSED', 'FAILED_PRECONDITION'],
  )
  const own = refuse('no room', { code: 'HOTEL_FULL', details: { nights: 9 } })
  assert.deepEqual([own.code, own.details], ['HOTEL_FULL', { nights: '9' }])
})

test('keys are readable, and those of an effect and of its undos differ', () => {
  const keys = [
    operationKey('order-42', 'charge'),
    undoKey('order-42', 'charge'),
    undoKey('order-42', 'charge', 'undo:release#0'),
  ]
  assert.deepEqual(keys, [
    'order-42/charge',
    'order-42/charge/undo',
    'order-42/charge/undo:release#0',
  ])
})
