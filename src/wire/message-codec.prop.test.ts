import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { contractSchemas, fixtureSchemas } from './all-schemas.test.support.ts'
import { arbitraryMessage, mutated } from './arbitrary-message.test.support.ts'
import { ByteWriter } from './codec/byte-writer.ts'
import { messageCodec } from './message-codec.ts'

const schemas = [...fixtureSchemas, ...contractSchemas]
const runs = { numRuns: 60 }

/** What a call returns or throws, in a form that can be compared. */
function outcome(call: () => unknown): unknown {
  try {
    return { returned: call() }
  } catch (error) {
    return { threw: String(error) }
  }
}

/** The names of all properties in their order, which deepEqual does not look at. */
function order(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return 0
  return Object.entries(value).map(([name, inner]) => [name, order(inner)])
}

function sameDecoding(schema: DescMessage, bytes: Uint8Array): void {
  const expected = outcome(() => fromBinary(schema, bytes))
  const actual = outcome(() => messageCodec(schema).decode(bytes))
  assert.deepStrictEqual(actual, expected)
  assert.deepStrictEqual(order(actual), order(expected))
}

function forEverySchema(check: (schema: DescMessage, message: fc.Arbitrary<Message>) => void): void {
  for (const schema of schemas) {
    // What the arbitrary yields was made by `create`.
    const message = arbitraryMessage(schema) as unknown as fc.Arbitrary<Message>
    try {
      check(schema, message)
    } catch (cause) {
      throw new Error(`with ${schema.typeName}`, { cause })
    }
  }
}

describe('messageCodec', () => {
  test('any message of any schema has the bytes that the runtime gives it', () => {
    forEverySchema((schema, messages) => {
      const codec = messageCodec(schema)
      const property = fc.property(messages, (message) => {
        const expected = outcome(() => toBinary(schema, message))
        assert.deepStrictEqual(outcome(() => codec.encode(message)), expected)
      })
      fc.assert(property, runs)
    })
  })

  test('any message of any schema is read as the runtime reads it, in the same order', () => {
    forEverySchema((schema, messages) => {
      const property = fc.property(messages, (message) => {
        sameDecoding(schema, toBinary(schema, message))
      })
      fc.assert(property, runs)
    })
  })

  test('bytes near those of a message are read or refused as the runtime does', () => {
    forEverySchema((schema, messages) => {
      const bytes = mutated(messages.map((message) => toBinary(schema, message)))
      fc.assert(
        fc.property(bytes, (near) => sameDecoding(schema, near)),
        { numRuns: 150 },
      )
    })
  })

  test('any bytes are read or refused as the runtime does', () => {
    const small = fc.uint8Array({ maxLength: 12, max: 40 })
    const bytes = fc.oneof(small, fc.uint8Array({ maxLength: 40 }))
    forEverySchema((schema) => {
      fc.assert(
        fc.property(bytes, (any) => sameDecoding(schema, any)),
        runs,
      )
    })
  })

  test('two messages behind each other are read as the runtime merges them', () => {
    forEverySchema((schema, messages) => {
      const property = fc.property(messages, messages, (first, second) => {
        const both = [...toBinary(schema, first), ...toBinary(schema, second)]
        sameDecoding(schema, Uint8Array.from(both))
      })
      fc.assert(property, runs)
    })
  })

  test('a message is read out of the middle of other bytes', () => {
    forEverySchema((schema, messages) => {
      const around = fc.uint8Array({ maxLength: 5 })
      const property = fc.property(messages, around, around, (message, before, after) => {
        const bytes = toBinary(schema, message)
        const all = Uint8Array.from([...before, ...bytes, ...after])
        const end = before.length + bytes.length
        const actual = messageCodec(schema).decode(all, before.length, end)
        assert.deepStrictEqual(actual, fromBinary(schema, bytes))
      })
      fc.assert(property, { numRuns: 20 })
    })
  })

  test('messages of all kinds follow each other in one writer', () => {
    const written = fc.constantFrom(...schemas).chain((schema) =>
      arbitraryMessage(schema).map((message) => ({
        schema,
        message: message as unknown as Message,
      })),
    )
    const property = fc.property(fc.array(written, { maxLength: 5 }), (list) => {
      const writer = new ByteWriter()
      for (const { schema, message } of list) messageCodec(schema).write(message, writer)
      const expected = list.flatMap(({ schema, message }) => [...toBinary(schema, message)])
      assert.deepStrictEqual([...writer.take()], expected)
    })
    fc.assert(property, { numRuns: 200 })
  })
})
