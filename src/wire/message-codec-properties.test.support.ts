/** What holds for the codec of any schema and any message, whichever code does the work. */
import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { create, type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { contractSchemas, fixtureSchemas } from './all-schemas.test.support.ts'
import { arbitraryMessage, mutated } from './arbitrary-message.test.support.ts'
import { ByteWriter } from './codec/byte-writer.ts'
import { messageCodec } from './message-codec.ts'

const schemas = [...fixtureSchemas, ...contractSchemas]
const runs = { numRuns: 30 }

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

function forEverySchema(
  check: (schema: DescMessage, message: fc.Arbitrary<Message>) => void,
): void {
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

/** Registers the tests. */
export function messageCodecProperties(): void {
  test('any message of any schema has the bytes that the runtime gives it', () => {
    forEverySchema((schema, messages) => {
      const codec = messageCodec(schema)
      const property = fc.property(messages, (message) => {
        const expected = outcome(() => toBinary(schema, message))
        assert.deepStrictEqual(
          outcome(() => codec.encode(message)),
          expected,
        )
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
        { numRuns: 60 },
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

  test('unknown fields are kept, and written again as the runtime does', () => {
    const bytes = fc.uint8Array({ maxLength: 30 })
    forEverySchema((schema, messages) => {
      const property = fc.property(messages, bytes, fc.nat(7), (message, data, field) => {
        const unknown = { no: 3000 + field, wireType: 2, data: Uint8Array.from([30, ...data]) }
        const known = outcome(() => toBinary(schema, { ...message, $unknown: [unknown] }))
        assert.deepStrictEqual(
          outcome(() => messageCodec(schema).encode({ ...message, $unknown: [unknown] })),
          known,
        )
      })
      fc.assert(property, { numRuns: 10 })
    })
  })

  test('a value that its field cannot hold is refused as the runtime does', () => {
    const junk = fc.oneof(
      fc.constantFrom(undefined, null, '', 'x', '7', 0, -1, 1.5, 2 ** 32, Number.NaN, true, {}, []),
      fc.constantFrom(0n, 7n, -1n, 2n ** 63n, 2n ** 64n, -(2n ** 63n) - 1n, new Uint8Array(2)),
      fc.constantFrom({ case: 'none' }, { case: undefined }, [undefined], ['x'], [2n ** 64n]),
      fc.constantFrom({ x: undefined }, { '7': 7 }, { '2e3': 2 }, { true: 1.5 }, { '-1': -1n }),
    )
    forEverySchema((schema, messages) => {
      if (schema.members.length === 0) return
      const name = fc.constantFrom(...schema.members.map(({ localName }) => localName))
      const property = fc.property(messages, name, junk, (message, member, value) => {
        const wrong = { ...message, [member]: value }
        assert.deepStrictEqual(
          outcome(() => messageCodec(schema).encode(wrong)),
          outcome(() => toBinary(schema, wrong)),
        )
      })
      fc.assert(property, runs)
    })
  })

  test('a value that no case of a group can hold is refused as the runtime does', () => {
    const value = fc.constantFrom(undefined, null, '', 0, 1.5, 2n ** 64n, {}, new Uint8Array(1))
    forEverySchema((schema) => {
      for (const { localName, fields } of schema.oneofs) {
        const name = fc.constantFrom(...fields.map((field) => field.localName))
        const property = fc.property(name, value, (chosen, held) => {
          const wrong = { ...create(schema), [localName]: { case: chosen, value: held } }
          assert.deepStrictEqual(
            outcome(() => messageCodec(schema).encode(wrong)),
            outcome(() => toBinary(schema, wrong)),
          )
        })
        fc.assert(property, runs)
      }
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
}
