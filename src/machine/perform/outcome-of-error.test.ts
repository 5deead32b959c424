import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codedError } from '../../errors.ts'
import { CommandRejectedError } from '../../errors/client-error.ts'
import { refuse } from '../refusal.ts'
import { outcomeOfError } from './outcome-of-error.ts'

describe('what an error says', () => {
  const cause = (code: string): Error =>
    Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error(code), { code }),
    })
  const cases: readonly (readonly [unknown, string])[] = [
    [refuse('no room'), 'refused'],
    [CommandRejectedError.preconditionFailed('SOLD_OUT', 'sold out'), 'refused'],
    [new Error('plain'), 'failed'],
    [undefined, 'failed'],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'unknown'],
    [Object.assign(new Error('x'), { code: 'ENOENT' }), 'failed'],
    [cause('ECONNREFUSED'), 'unknown'],
    [cause('UND_ERR_SOCKET'), 'unknown'],
    [new DOMException('stop', 'AbortError'), 'unknown'],
    [new DOMException('late', 'TimeoutError'), 'unknown'],
    [codedError('DEADLINE_EXCEEDED'), 'unknown'],
    [codedError('TRANSPORT_ERROR'), 'unknown'],
    [codedError('CIRCUIT_OPEN'), 'failed'],
    [codedError('INVALID_ARGUMENT', { cause: cause('EPIPE') }), 'failed'],
    [Object.assign(new Error('14'), { code: 14, metadata: {} }), 'unknown'],
    [Object.assign(new Error('9'), { code: 9, metadata: {} }), 'failed'],
  ]
  for (const [error, outcome] of cases) {
    const name = error instanceof Error ? `${error.name} ${error.message}` : String(error)
    test(`${name} is ${outcome}`, () => assert.equal(outcomeOfError(error), outcome))
  }

  test('a chain of causes that bites its tail ends', () => {
    const error = new Error('x')
    error.cause = error
    assert.equal(outcomeOfError(error), 'failed')
  })
})
