import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CodedError } from '../../errors.ts'
import { arbitraryValue, asStored } from './arbitrary-value.test.support.ts'
import { copyValue } from './copy-value.ts'
import { decodeValue, valueOfText } from './decode-value.ts'
import { encodeValue, encodeValues, valueText } from './encode-value.ts'
import { sameValue } from './same-value.ts'
import { assertStorable, shapeOfValue } from './shape-of-value.ts'

const runs = { numRuns: 500 }

test('a value that is stored and read is the same, of the same kinds', () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      assert.deepStrictEqual(decodeValue(encodeValue(value)), asStored(value))
      assert.deepStrictEqual(valueOfText(valueText(value)), asStored(value))
    }),
    runs,
  )
})

test('storing a value again what was read gives the same bytes', () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      const bytes = encodeValue(value)
      assert.deepStrictEqual(encodeValue(decodeValue(bytes)), bytes)
    }),
    runs,
  )
})

test('what JSON can express is stored as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      fc.pre(shapeOfValue(value) === 'json')
      assert.equal(valueText(value), JSON.stringify(value))
    }),
    runs,
  )
})

test('a copy is what storing and reading gives, and shares nothing that can change', () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      const copy = copyValue(value)
      assert.deepStrictEqual(copy, decodeValue(encodeValue(value)))
      const originals = new Set(objectsIn(value))
      for (const object of objectsIn(copy)) assert.equal(originals.has(object), false)
    }),
    runs,
  )
})

test('looking at a value, or storing it, changes nothing in it', () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      freezeAll(value)
      assertStorable(value)
      encodeValue(value)
      copyValue(value)
      assert.ok(sameValue(value, value))
    }),
    runs,
  )
})

test('values are the same exactly when their copies are, whatever the order of fields', () => {
  fc.assert(
    fc.property(arbitraryValue, arbitraryValue, (one, other) => {
      assert.ok(sameValue(one, copyValue(one)))
      assert.ok(sameValue(copyValue(one), one))
      assert.ok(sameValue(one, reversed(one)))
      assert.equal(sameValue(one, other), sameValue(copyValue(other), copyValue(one)))
    }),
    runs,
  )
})

test('values that are stored differently in the same order are not the same', () => {
  fc.assert(
    fc.property(arbitraryValue, arbitraryValue, (one, other) => {
      const differ = !Buffer.from(encodeValue(one)).equals(encodeValue(other))
      if (!differ) assert.ok(sameValue(one, other))
      else if (isOrdered(one) && isOrdered(other)) assert.equal(sameValue(one, other), false)
    }),
    runs,
  )
})

test('bytes from elsewhere are read as plain data or refused with a code', () => {
  const tags = fc.constantFrom('date', 'bigint', 'bytes', 'set', 'map', 'record', 'number', 'x')
  const tagged = fc
    .tuple(tags, fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 2 }))
    .map(([name, content, more]) => JSON.stringify({ a: { $: [name, content, ...more] } }))
  const broken = fc.tuple(arbitraryValue, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const bytes = Uint8Array.from(encodeValue(value))
    if (bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes
  })
  const text = fc.oneof(tagged, fc.json(), fc.string()).map((json) => Buffer.from(json))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), text, broken), (bytes) => {
      let value: unknown
      try {
        value = decodeValue(bytes)
      } catch (error) {
        assert.ok(error instanceof CodedError)
        assert.equal(error.code, 'VALUE_UNREADABLE')
        return
      }
      assert.notEqual(shapeOfValue(value), 'refused')
      assert.equal(Reflect.get({}, 'polluted'), undefined)
    }),
    { numRuns: 3_000 },
  )
})

test('a record of many values is read back as it was', () => {
  fc.assert(
    fc.property(fc.array(arbitraryValue, { maxLength: 5 }), (values) => {
      assert.deepStrictEqual(decodeValue(encodeValues({ values })), asStored({ values }))
    }),
  )
})

function* objectsIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return
  yield value
  if (value instanceof Uint8Array) yield value.buffer
  else if (value instanceof Map)
    for (const entry of value) for (const x of entry) yield* objectsIn(x)
  else if (value instanceof Set) for (const item of value) yield* objectsIn(item)
  else for (const item of Object.values(value)) yield* objectsIn(item)
}

function freezeAll(value: unknown): void {
  // The bytes of an array cannot be frozen.
  for (const object of objectsIn(value)) {
    if (!ArrayBuffer.isView(object) && !(object instanceof ArrayBuffer)) Object.freeze(object)
  }
}

/** The same fields, members and entries the other way round. */
function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(reversed)
  if (value instanceof Set) return new Set([...value].map(reversed).reverse())
  if (value instanceof Map) {
    return new Map(
      [...value].map(([key, item]) => [reversed(key), reversed(item)] as const).reverse(),
    )
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, reversed(item)] as const)
      .reverse(),
  )
}

/** True for values in which nothing has an order that does not count. */
function isOrdered(value: unknown): boolean {
  for (const object of objectsIn(value)) {
    if (object instanceof Set || object instanceof Map) {
      if (object.size > 1) return false
    } else if (!Array.isArray(object) && !ArrayBuffer.isView(object)) {
      if (!(object instanceof ArrayBuffer) && Object.keys(object).length > 1) return false
    }
  }
  return true
}
