import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codedError } from '../errors.ts'
import type { BusMessage } from './bus.ts'
import { deadLetterMessage, deadLetterOf, givenUpAfter } from './dead-letter.ts'

const message: BusMessage = {
  topic: 'work',
  id: 'm-1',
  key: 'k',
  headers: { a: 'b' },
  content: new Uint8Array([1, 2]),
  status: undefined,
  replyTo: 'answers',
}

describe('dead letters', () => {
  test('are read as they were written', () => {
    const letter = { message, code: 'BAD', reason: 'why', deliveries: 3 }
    const written = deadLetterMessage(letter)
    assert.equal(written.topic, 'work.dead')
    assert.equal(written.key, 'k')
    assert.deepEqual(deadLetterOf(written), letter)
  })

  test('do not grow with their reason', () => {
    const letter = { message, code: 'BAD', reason: 'x'.repeat(5_000), deliveries: 1 }
    assert.equal(deadLetterOf(deadLetterMessage(letter))?.reason.length, 1_000)
  })

  test('are told from other messages', () => {
    assert.equal(deadLetterOf(message), undefined)
  })

  test('carry the code and the text of what was thrown', () => {
    assert.deepEqual(givenUpAfter(codedError('BUS_CLOSED')), {
      kind: 'dead-letter',
      code: 'BUS_CLOSED',
      reason: 'the bus is closed',
    })
    assert.equal(givenUpAfter('text').code, 'HANDLER_FAILED')
    assert.equal(givenUpAfter('text').reason, 'text')
  })

  test('are made of errors that cannot be read, too', () => {
    const hostile = {
      toString() {
        throw new Error('no')
      },
    }
    assert.equal(givenUpAfter(hostile).reason, 'the error could not be read')
  })
})
