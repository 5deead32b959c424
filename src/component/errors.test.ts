import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { ClientError, dispositionOfError } from '../errors/client-error.ts'
import { BuildError, buildError, DispatchError, dispatchError, typeNameOf } from './errors.ts'

describe('DispatchError', () => {
  test('has the status, text and extras it was made with', () => {
    const error = new DispatchError('NOT_FOUND', 'gone', { errorCode: 'GONE', extras: { n: 7 } })
    assert.deepEqual(
      [error.grpcCode, error.grpcStatus, error.message, error.errorCode, { ...error.extras }],
      ['NOT_FOUND', 'NOT_FOUND', 'gone', 'GONE', { n: '7' }],
    )
    assert.deepEqual([error.code, error.details], [error.errorCode, error.extras])
  })

  test('has no code and no extras unless they are given', () => {
    const error = new DispatchError('INTERNAL', 'boom')
    assert.deepEqual([error.errorCode, { ...error.extras }, error.hint], ['', {}, ''])
  })

  test('takes text and status of a code from the table', () => {
    const error = dispatchError('PM_HANDLER_WRONG_RETURN_TYPE', { actual_return_type: 'Array' })
    assert.equal(error.message, 'PM handler must return ProcessManagerResponse')
    assert.deepEqual([error.grpcCode, dispositionOfError(error)], ['INTERNAL', 'reject'])
  })

  test('is no error of the client, nor is a build error', () => {
    for (const error of [dispatchError('MISSING_COMMAND_BOOK'), buildError('ROUTER_NO_HANDLERS')]) {
      assert.equal(error instanceof ClientError, false)
    }
  })
})

describe('BuildError', () => {
  test('has no code unless it is given', () => {
    const error = new BuildError('wrong')
    assert.deepEqual([error.name, error.code, { ...error.details }], ['BuildError', '', {}])
  })
})

describe('typeNameOf', () => {
  test('names a message by its type, an object by its class, and anything else by its kind', () => {
    const message = { $typeName: 'orders.OrderCreated' }
    const bare: object = Object.create(null) as object // an object without a class
    const values = [message, new Date(), [], {}, bare, null, undefined, 7, 'x', () => 1]
    assert.deepEqual(values.map(typeNameOf), [
      'orders.OrderCreated',
      'Date',
      'Array',
      'Object',
      'object',
      'null',
      'undefined',
      'number',
      'string',
      'function',
    ])
  })
})
