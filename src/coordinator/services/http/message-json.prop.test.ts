import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import {
  create,
  type DescMessage,
  fromBinary,
  type JsonValue,
  type Message,
  toBinary,
} from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import {
  type EventBook,
  EventBookSchema,
  EventPageSchema,
} from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { contractSchemas } from '../../../wire/all-schemas.test.support.ts'
import { arbitraryMessage } from '../../../wire/arbitrary-message.test.support.ts'
import { jsonOfMessage } from './json-of-message.ts'
import { messageOfJson } from './message-of-json.ts'
import type { MessageTypes } from './message-types.ts'

const byName = new Map([...contractSchemas, AnySchema].map((schema) => [schema.typeName, schema]))
const types: MessageTypes = (name) => byName.get(name)

/** Messages of one of these types whose text is text; others cannot travel. */
function travelling(
  schemas: readonly DescMessage[],
): fc.Arbitrary<readonly [DescMessage, Uint8Array]> {
  return fc.constantFrom(...schemas).chain((schema) =>
    arbitraryMessage(schema).map((message) => {
      try {
        // What the arbitrary yields was made by `create`.
        return [schema, toBinary(schema, message as unknown as Message)] as const
      } catch {
        return [schema, new Uint8Array()] as const
      }
    }),
  )
}

function throughJson(schema: DescMessage, message: Message): Uint8Array {
  const text = JSON.stringify(jsonOfMessage(schema, message, types))
  return toBinary(schema, messageOfJson(schema, JSON.parse(text) as JsonValue, types))
}

function bookWith(typeUrl: string, value: Uint8Array): EventBook {
  const event = create(AnySchema, { typeUrl, value })
  const page = create(EventPageSchema, { payload: { case: 'event', value: event } })
  return create(EventBookSchema, { pages: [page, page], nextSequence: 2 })
}

test('a packed message of a known type comes through JSON as it was, whatever it holds', () => {
  fc.assert(
    fc.property(travelling(contractSchemas), ([schema, bytes]) => {
      const book = bookWith(`type.googleapis.com/${schema.typeName}`, bytes)
      assert.deepEqual(throughJson(EventBookSchema, book), toBinary(EventBookSchema, book))
    }),
    { numRuns: 400 },
  )
})

test('bytes of a type nobody knows come through JSON as they were', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (name, bytes) => {
      const book = bookWith(`some.host/unknown.${name}`, bytes)
      assert.deepEqual(throughJson(EventBookSchema, book), toBinary(EventBookSchema, book))
    }),
  )
})

test('whatever bytes stand under a known type, there is JSON for them that can be read', () => {
  fc.assert(
    fc.property(fc.constantFrom(...contractSchemas), fc.uint8Array(), (schema, bytes) => {
      const book = bookWith(schema.typeName, bytes)
      const again = fromBinary(EventBookSchema, throughJson(EventBookSchema, book))
      assert.equal(again.pages.length, 2)
    }),
  )
})

test('packed messages within one another without end stay bytes at some depth', () => {
  let bytes = new Uint8Array()
  for (let n = 0; n < 3_000; n++) {
    const any = create(AnySchema, { typeUrl: 'x/google.protobuf.Any', value: bytes })
    bytes = new Uint8Array(toBinary(AnySchema, any))
  }
  const book = bookWith('x/google.protobuf.Any', bytes)
  assert.deepEqual(throughJson(EventBookSchema, book), toBinary(EventBookSchema, book))
})
