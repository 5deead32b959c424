import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CodedError, codeOf } from '../errors.ts'
import { answerOfRefusal, answerOfValue, answerWithoutEffect } from './answer.ts'
import { REQUEST, UNDO } from './participant.test.support.ts'
import { readReply, replyMessage } from './reply-message.ts'
import { requestMessage } from './request-message.ts'

const request = requestMessage({ ...REQUEST, user: 'u-1', content: 1, replyTo: 'tripsReply' })

describe('replyMessage', () => {
  test('goes where it is expected, under the id and key of its request', () => {
    const reply = replyMessage(request, 'tripsReply', answerOfValue({ a: 1 }), {
      service: 'flights',
    })
    assert.equal(reply.topic, 'tripsReply')
    assert.equal(reply.id, request.id)
    assert.equal(reply.key, request.key)
    assert.equal(reply.status, 200)
    assert.equal(reply.replyTo, undefined)
  })

  test('gives the headers of its request back', () => {
    const reply = replyMessage(request, 'tripsReply', answerOfValue(1), { service: 'flights' })
    const { related_services: services, ...rest } = reply.headers
    assert.equal(services, 'flights')
    assert.deepEqual(rest, request.headers)
  })

  test('carries the code of a refusal, and the mark of an undo without effect', () => {
    const refusal = answerOfRefusal(new CodedError('no', { code: 'NO_SEAT' }))
    const refused = readReply(replyMessage(request, 'r', refusal, { service: 'flights' }))
    assert.deepEqual([refused.status, refused.code], [400, 'NO_SEAT'])
    const undo = requestMessage({ ...UNDO, content: 1, replyTo: 'r' })
    const without = readReply(
      replyMessage(undo, 'r', answerWithoutEffect(), { service: 'flights' }),
    )
    assert.deepEqual([without.status, without.isWithoutEffect], [200, true])
    assert.equal(without.direction, 'backward')
  })
})

describe('readReply', () => {
  const reply = replyMessage(request, 'tripsReply', answerOfValue({ a: 1 }), { service: 'flights' })

  test('tells which request of which execution is answered', () => {
    const { content, ...rest } = readReply(reply)
    assert.deepEqual(content(), { a: 1 })
    assert.deepEqual(rest, {
      requestId: 'trip-1/book',
      executionId: 'trip-1',
      path: 'book',
      direction: 'forward',
      attempt: 1,
      status: 200,
      code: '',
      services: ['flights'],
      isWithoutEffect: false,
    })
  })

  test('has the content, the execution and each related service once, or none of them [minos-7, minos-8]', () => {
    const headers = { saga: 's-1', related_services: 'foo,bar,foo' }
    const { content, executionId, services } = readReply({ ...reply, headers })
    assert.deepEqual([content(), executionId, services], [{ a: 1 }, 's-1', ['foo', 'bar']])
    for (const related of [{}, { related_services: '' }]) {
      assert.deepEqual(readReply({ ...reply, headers: { saga: 's-1', ...related } }).services, [])
    }
  })

  test('keeps a status it does not know, and takes none for 200', () => {
    assert.equal(readReply({ ...reply, status: 600 }).status, 600)
    assert.equal(readReply({ ...reply, status: undefined }).status, 200)
  })

  test('understands a service that gives back the id and the execution only', () => {
    const { requestId, executionId, services } = readReply({ ...reply, headers: { saga: 's-1' } })
    assert.deepEqual([requestId, executionId, services], ['trip-1/book', 's-1', []])
  })

  test('reads content only when it is asked for', () => {
    const bad = readReply({ ...reply, content: new TextEncoder().encode('{') })
    assert.throws(bad.content, CodedError)
  })

  test('refuses what is no reply', () => {
    for (const headers of [
      {},
      { saga: '' },
      { saga: 's', direction: 'up' },
      { saga: 's', attempt: 'x' },
      { saga: 's', attempt: '0' },
    ]) {
      assert.throws(
        () => readReply({ ...reply, headers }),
        (error) => codeOf(error) === 'REPLY_MALFORMED',
      )
    }
  })
})
