import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessageProperties } from 'amqplib'
import fc from 'fast-check'
import { codeOf } from '../../errors.ts'
import type { BusMessage } from '../bus.ts'
import { numbered, publicationOf, readMessage, writeMessage } from './envelope.ts'

const text = fc.string({ unit: 'binary', maxLength: 300 })
const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }),
  fc.constantFrom('amends-id', 'amends-key', 'amends-headers', 'x-death', 'saga', 'toString'),
)
const message: fc.Arbitrary<BusMessage> = fc.record({
  topic: fc.constant('work'),
  id: fc.string({ unit: 'binary', minLength: 1, maxLength: 1_024 }),
  key: text,
  headers: fc.dictionary(
    name.filter((one) => one !== '__proto__'),
    text,
    { maxKeys: 8, noNullPrototype: true },
  ),
  content: fc.uint8Array(),
  status: fc.option(fc.integer({ min: 100, max: 999 }), { nil: undefined }),
  replyTo: fc.constantFrom(undefined, 'answers'),
})

/** What the broker delivers of what was published. */
function delivered(options: object): MessageProperties {
  const { messageId, replyTo, headers } = options as Partial<MessageProperties>
  const added = { ...headers, 'x-delivery-count': 3 }
  // Of the properties these are read.
  return { messageId, replyTo, headers: added } as unknown as MessageProperties
}

describe('a message in the form of AMQP', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, number) => {
        const { options, content } = numbered(writeMessage(one), number)
        const properties = delivered(options)
        assert.equal(publicationOf(properties), number)
        const read = readMessage('work', properties, content)
        assert.deepEqual(
          { ...read, content: [...read.content] },
          { ...one, content: [...one.content] },
        )
      }),
    )
  })

  test('has properties and names of headers that AMQP has room for', () => {
    fc.assert(
      fc.property(message, (one) => {
        const { messageId = '', headers } = writeMessage(one).options
        for (const short of [String(messageId), ...Object.keys(headers)]) {
          assert.ok(Buffer.byteLength(short) <= 255)
        }
      }),
    )
  })

  test('is refused when its headers are larger than AMQP takes', () => {
    const headers = { a: '€'.repeat(30_000) }
    const large = { topic: 'work', id: 'm', key: '', headers, content: new Uint8Array(0) }
    assert.throws(
      () => writeMessage(large),
      (error) => codeOf(error) === 'MESSAGE_TOO_LARGE',
    )
  })

  test('that somebody else has written is read as far as it goes', () => {
    const content = new TextEncoder().encode('{}')
    const headers = { saga: 's-1', n: 7, nested: { a: 1 }, 'amends-headers': '{' }
    const properties = { headers } as unknown as MessageProperties
    const read = readMessage('work', properties, content)
    assert.deepEqual(read.headers, { saga: 's-1', n: '7', nested: '{"a":1}' })
    assert.equal(read.key, '')
    assert.match(read.id, /^content-[0-9a-f]{64}$/)
    assert.equal(readMessage('work', properties, content).id, read.id)
  })
})
