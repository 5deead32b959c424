import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openMemoryBus } from '../bus/memory/open-memory-bus.ts'
import type { BusMessage } from '../bus/bus.ts'
import { codeOf } from '../errors.ts'
import { decodeValue } from '../wire/values/decode-value.ts'
import { replyTopicOf } from './headers.ts'
import { REQUEST, UNDO } from './participant.test.support.ts'
import { readRequest, requestMessage } from './request-message.ts'

describe('requestMessage', () => {
  test('makes one message of a request, answered on the reply topic of its service [minos-166]', async () => {
    await using bus = openMemoryBus()
    const sent: BusMessage[] = []
    await bus.consume('flights.book', ({ message }) => void sent.push(message))
    const replyTo = replyTopicOf('order')
    await bus.send(
      requestMessage({ ...REQUEST, user: 'u-1', isolated: true, content: { who: 'ada' }, replyTo }),
    )
    await bus.idle()
    assert.equal(sent.length, 1)
    const { topic, headers, content, replyTo: answeredOn } = sent[0] ?? assert.fail()
    assert.equal(topic, 'flights.book')
    assert.deepEqual(decodeValue(content), { who: 'ada' })
    assert.equal(headers['saga'], 'trip-1')
    assert.equal(headers['transactions'], 'trip-1')
    assert.equal(headers['user'], 'u-1')
    assert.equal(answeredOn, 'orderReply')
  })

  test('has no user header when there is no user [minos-167]', () => {
    const { headers } = requestMessage({ ...REQUEST, content: 1 })
    assert.equal('user' in headers, false)
  })

  test('passes inherited headers on and adds itself to the transactions [minos-168]', () => {
    const inherited = { foo: 'bar', transactions: 'outer', user: 'u-0', undoes: 'x', code: 'Y' }
    const before = { ...inherited }
    const { headers } = requestMessage({ ...REQUEST, content: 1, inherited, isolated: true })
    assert.equal(headers['foo'], 'bar')
    assert.equal(headers['transactions'], 'outer,trip-1')
    assert.equal(headers['saga'], 'trip-1')
    assert.equal(headers['user'], 'u-0')
    // What another message said of itself does not go along.
    assert.equal('undoes' in headers, false)
    assert.equal('code' in headers, false)
    assert.deepEqual(inherited, before)
  })

  test('belongs to no transaction unless its execution is isolated', () => {
    assert.equal('transactions' in requestMessage({ ...REQUEST, content: 1 }).headers, false)
    const inherited = { transactions: 'outer' }
    const { headers } = requestMessage({ ...REQUEST, content: 1, inherited })
    assert.equal(headers['transactions'], 'outer')
  })

  test('gives a request and its undo the same ordering key', () => {
    const request = requestMessage({ ...REQUEST, content: 1 })
    const undo = requestMessage({ ...UNDO, content: 1 })
    assert.equal(request.key, 'trip-1/book')
    assert.equal(undo.key, request.key)
    assert.notEqual(undo.id, request.id)
  })

  test('keeps its id over its attempts', () => {
    const ids = [1, 2, 3].map((attempt) => requestMessage({ ...REQUEST, attempt, content: 1 }).id)
    assert.deepEqual(new Set(ids), new Set(['trip-1/book']))
  })

  test('refuses content that cannot travel', () => {
    assert.throws(
      () => requestMessage({ ...REQUEST, content: { run: () => 1 } }),
      (error) => codeOf(error) === 'VALUE_NOT_STORABLE',
    )
  })
})

describe('readRequest', () => {
  test('reads what was written', () => {
    const undoes = {
      requestId: 'trip-1/book',
      target: 'flights.book',
      sentAt: 1_700_000_000_000_000_000n,
      happened: true,
    }
    for (const envelope of [
      { ...REQUEST, user: 'u-1', undoes: undefined },
      { ...UNDO, user: undefined, attempt: 12, undoes },
    ]) {
      const message = requestMessage({ ...envelope, content: 1, replyTo: 'r' })
      const { message: read, relatedServices, transactions, ...rest } = readRequest(message)
      assert.deepEqual(rest, envelope)
      assert.equal(read, message)
      assert.deepEqual([relatedServices, transactions], [[], []])
    }
  })

  test('understands a request that knows only the headers of the reference', () => {
    const message: BusMessage = {
      topic: 'CreateOrder',
      id: 'm-1',
      key: '',
      headers: { saga: 's-1', transactions: 's-1', related_services: 'a,b' },
      content: new Uint8Array(0),
      replyTo: 'orderReply',
    }
    const { message: _message, ...rest } = readRequest(message)
    assert.deepEqual(rest, {
      requestId: 'm-1',
      target: 'CreateOrder',
      executionId: 's-1',
      path: '',
      direction: 'forward',
      attempt: 1,
      correlationId: '',
      user: undefined,
      undoes: undefined,
      relatedServices: ['a', 'b'],
      transactions: ['s-1'],
    })
  })
})
