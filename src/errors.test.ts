import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { describe, it } from 'node:test'
import { CodedError, codedError, codeOf, dispositionOf, messageOf, rowOf } from './errors.ts'

describe('CodedError', () => {
  it('carries code, fixed message, details as text, cause and hint', () => {
    const cause = new Error('below')
    const error = codedError('DOMAIN_INVALID', {
      details: { domain: 'Order', length: 5, empty: undefined },
      cause,
      hint: 'lower case',
    })
    assert.equal(error.code, 'DOMAIN_INVALID')
    assert.equal(error.message, 'the domain name is not valid')
    assert.deepEqual(error.details, { domain: 'Order', length: '5', empty: 'undefined' })
    assert.equal(error.cause, cause)
    assert.equal(error.hint, 'lower case')
  })

  it('has no cause, no hint and no details unless they are given', () => {
    const error = codedError('ABORTED')
    assert.equal('cause' in error, false)
    assert.equal(error.hint, '')
    assert.deepEqual(error.details, {})
  })

  it('is an Error with its class as name', () => {
    class Special extends CodedError {}
    const error = new Special('special', { code: 'SPECIAL' })
    assert.ok(error instanceof Error)
    assert.equal(error.name, 'Special')
    assert.equal(codedError('ABORTED').name, 'CodedError')
  })

  it('is answered with the gRPC status of its row, or INTERNAL without one', () => {
    assert.equal(codedError('UNKNOWN_DOMAIN').grpcStatus, 'NOT_FOUND')
    assert.equal(new CodedError('mine', { code: 'MY_OWN' }).grpcStatus, 'INTERNAL')
  })

  it('shows its message as text [client-C-0363]', () => {
    assert.equal(
      String(codedError('UNKNOWN_DOMAIN')),
      'CodedError: no aggregate is registered for this domain',
    )
  })

  it('shows code, details and cause to a debugger [client-C-0364]', () => {
    const text = inspect(
      codedError('ABORTED', { details: { after: 5 }, cause: new Error('below') }),
    )
    assert.match(text, /code: 'ABORTED'/)
    assert.match(text, /after: '5'/)
    assert.match(text, /below/)
  })
})

describe('rowOf', () => {
  it('knows no rows but those of the table', () => {
    assert.equal(rowOf('MY_OWN'), undefined)
    assert.equal(rowOf('toString'), undefined)
    assert.equal(rowOf('UNKNOWN_DOMAIN')?.then, 'reject')
  })
})

describe('dispositionOf', () => {
  it('tries again what may pass, and takes an answer for an answer', () => {
    for (const status of ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'] as const) {
      assert.equal(dispositionOf(status), 'retry')
    }
    for (const status of ['INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION'] as const) {
      assert.equal(dispositionOf(status), 'reject')
    }
  })
})

describe('codeOf and messageOf', () => {
  it('read whatever was thrown', () => {
    assert.equal(codeOf(codedError('ABORTED')), 'ABORTED')
    assert.equal(codeOf(new Error('plain')), '')
    assert.equal(codeOf('text'), '')
    assert.equal(messageOf(new Error('plain')), 'plain')
    assert.equal(messageOf('text'), 'text')
    assert.equal(messageOf(undefined), 'undefined')
  })
})
