import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dispatchError } from '../component/errors.ts'
import { codedError } from '../errors.ts'
import {
  CommandRejectedError,
  ConnectionError,
  GRPCError,
  InvalidArgumentError,
  InvalidTimestampError,
  TransportError,
} from '../errors/client-error.ts'
import { statusOfError } from './status-of-error.ts'

describe('statusOfError', () => {
  it('keeps status, text, code, details and cover of a rejection', () => {
    const error = CommandRejectedError.notFound('GONE', 'it is gone', { sku: 7 })
    error.cover = { domain: 'order', correlationId: 'c' }
    assert.deepEqual(statusOfError(error), {
      status: 'NOT_FOUND',
      text: 'it is gone',
      code: 'GONE',
      details: { sku: '7' },
      cover: { domain: 'order', correlationId: 'c' },
    })
  })

  it('takes a rejection of another status for a failed precondition', () => {
    const status = (error: unknown): string => statusOfError(error).status
    assert.equal(status(new CommandRejectedError('no')), 'FAILED_PRECONDITION')
    assert.equal(status(CommandRejectedError.invalidArgument('A', 'a')), 'INVALID_ARGUMENT')
  })

  it('knows the other classes of the contract', () => {
    const cases = [
      [dispatchError('NO_HANDLER_REGISTERED'), 'INVALID_ARGUMENT'],
      [new InvalidArgumentError('x'), 'INVALID_ARGUMENT'],
      [new InvalidTimestampError(), 'INVALID_ARGUMENT'],
      [new ConnectionError(), 'UNAVAILABLE'],
      [new TransportError(new Error('reset')), 'UNAVAILABLE'],
      [codedError('FACTS_UNSUPPORTED'), 'UNIMPLEMENTED'],
    ] as const
    for (const [error, status] of cases) {
      assert.equal(statusOfError(error).status, status)
      assert.equal(statusOfError(error).text, error.message)
    }
  })

  it('passes on what another service answered', () => {
    const upstream = new GRPCError(
      { status: 'PERMISSION_DENIED', details: 'not you' },
      { code: 'NOT_YOU', details: { who: 'me' } },
    )
    const { status, text, code } = statusOfError(upstream)
    assert.deepEqual([status, text, code], ['PERMISSION_DENIED', 'not you', 'NOT_YOU'])
    const bare = statusOfError(new GRPCError({ status: 'ABORTED', details: 'x' }))
    assert.deepEqual([bare.status, bare.code], ['ABORTED', ''])
  })

  it('answers INTERNAL with its text for anything else, whatever was thrown', () => {
    assert.equal(statusOfError(new Error('broken')).text, 'broken')
    const hostile = {
      toString: () => {
        throw new Error('no text')
      },
    }
    for (const thrown of [undefined, null, 7, Symbol('x'), {}, hostile, Object.create(null)]) {
      assert.equal(statusOfError(thrown).status, 'INTERNAL')
    }
  })

  it('never answers a failure with OK', () => {
    const upstream = new GRPCError({ status: 'OK', details: '' })
    assert.equal(statusOfError(upstream).status, 'INTERNAL')
  })
})
