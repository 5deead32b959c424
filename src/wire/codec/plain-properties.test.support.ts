/**
 * The codecs give the right result in any case; this says that they give it without the runtime.
 */
import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { type Message, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { contractSchemas } from '../all-schemas.test.support.ts'
import { arbitraryMessage } from '../arbitrary-message.test.support.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { planOf } from './plan-message.ts'

/** Registers the tests. */
export function plainProperties(): void {
  test('takes every message of the contract', () => {
    for (const schema of contractSchemas) {
      const property = fc.property(arbitraryMessage(schema), (message) => {
        const writer = new ByteWriter()
        planOf(schema).write(message, writer)
        assert.deepStrictEqual(writer.take(), toBinary(schema, message as unknown as Message))
      })
      fc.assert(property, { numRuns: 20 })
    }
  })

  test('takes the bytes of every message of the contract', () => {
    const reader = new ByteReader()
    for (const schema of contractSchemas) {
      const property = fc.property(arbitraryMessage(schema), (message) => {
        const bytes = toBinary(schema, message as unknown as Message)
        // Keys of this name are the one thing a plain encoder writes that is left to the runtime.
        if (new TextDecoder().decode(bytes).includes('__proto__')) return
        reader.start(bytes, 0)
        planOf(schema).read(reader, bytes.length)
        assert.equal(reader.pos, bytes.length)
      })
      fc.assert(property, { numRuns: 20 })
    }
  })
}
