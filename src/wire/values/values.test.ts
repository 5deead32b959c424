import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { create, isMessage, toBinary } from '@bufbuild/protobuf'
import { CodedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { CoverSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { copyValue } from './copy-value.ts'
import { decodeValue } from './decode-value.ts'
import { encodeValue, valueText } from './encode-value.ts'
import { sameValue } from './same-value.ts'
import { assertStorable } from './shape-of-value.ts'

class Money {
  readonly amount = 1
}
class Tags extends Set<string> {}
class Index extends Map<string, string> {}
class Stamp extends Date {}
class Row extends Array<number> {}

function cycle(): unknown {
  const record: Record<string, unknown> = { list: [] }
  record['list'] = [{ record }]
  return record
}

function nested(levels: number): unknown {
  let value: unknown = 0
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value }
  return value
}

const sparse: number[] = [1]
sparse[2] = 3

const refusals: readonly (readonly [string, unknown, string, string])[] = [
  ['a function', () => 1, '', 'function'],
  ['a symbol', Symbol.iterator, '', 'symbol'],
  ['a method in a record', { a: { run: () => 1 } }, 'a.run', 'function'],
  ['an instance of a class', { items: [new Money()] }, 'items[0]', 'Money'],
  ['an error', { cause: new TypeError('no') }, 'cause', 'TypeError'],
  ['a regular expression', [/a/], '[0]', 'RegExp'],
  ['a promise', { 'two words': Promise.resolve() }, '["two words"]', 'Promise'],
  ['another array of numbers', new Float64Array(1), '', 'Float64Array'],
  ['a buffer of an array', new ArrayBuffer(1), '', 'ArrayBuffer'],
  ['a boxed number', [Object(1)], '[0]', 'Number'],
  ['a set of its own class', new Tags(), '', 'Tags'],
  ['a map of its own class', new Index(), '', 'Index'],
  ['a date of its own class', new Stamp(), '', 'Stamp'],
  ['a record with a prototype', { a: Object.create({ b: 1 }) as unknown }, 'a', 'Object'],
  ['a hole in an array', { list: sparse }, 'list[1]', 'hole'],
  ['a cycle', cycle(), 'list[0].record', 'cycle'],
  ['a function in a set', new Set([1, () => 1]), '.values()[1]', 'function'],
  ['a function as a key', new Map([[() => 1, 1]]), '.keys()[0]', 'function'],
  ['a function in a map', { m: new Map([[1, () => 1]]) }, 'm.values()[0]', 'function'],
]

describe('a value that cannot be stored', () => {
  for (const [name, value, path, type] of refusals) {
    it(`is refused with its path and its type: ${name}`, () => {
      for (const attempt of [assertStorable, encodeValue, copyValue]) {
        const error = thrownBy(() => attempt(value))
        assert.equal(error.code, 'VALUE_NOT_STORABLE')
        assert.deepEqual(error.details, { path, type })
      }
    })
  }

  it('is refused when it is nested too deeply', () => {
    const deepest = nested(limits.valueDepthMax)
    assert.deepEqual(decodeValue(encodeValue(deepest)), deepest)
    for (const attempt of [assertStorable, encodeValue, copyValue]) {
      const error = thrownBy(() => attempt(nested(limits.valueDepthMax + 1)))
      assert.equal(error.code, 'VALUE_NOT_STORABLE')
      assert.equal(error.details['type'], 'too deep')
    }
  })

  it('is refused when it takes more bytes than allowed, counted in bytes', () => {
    const most = 'é'.repeat(limits.valueBytesMax / 2 - 1)
    assert.equal(decodeValue(encodeValue(most)), most)
    const error = thrownBy(() => encodeValue(`${most}e`))
    assert.equal(error.code, 'VALUE_TOO_LARGE')
    assert.deepEqual(error.details, {
      max: String(limits.valueBytesMax),
      got: String(limits.valueBytesMax + 1),
    })
  })

  it('is refused in no time when it holds one thing again and again', () => {
    let value: unknown = []
    for (let i = 0; i < 60; i++) value = [value, value]
    for (const attempt of [assertStorable, encodeValue, copyValue]) {
      assert.equal(thrownBy(() => attempt(value)).code, 'VALUE_TOO_LARGE')
    }
  })
})

describe('plain data', () => {
  it('may hold one thing twice', () => {
    const shared = { a: 1 }
    const copy = copyValue({ one: shared, other: shared })
    assert.deepEqual(copy, { one: { a: 1 }, other: { a: 1 } })
    assert.notEqual(copy.one, copy.other)
  })

  it('of another realm is plain data', () => {
    const value: unknown = runInNewContext(
      '({ a: [1], d: new Date(5), s: new Set([1]), m: new Map([[1, 2]]), b: new Uint8Array([7]) })',
    )
    const expected = {
      a: [1],
      d: new Date(5),
      s: new Set([1]),
      m: new Map([[1, 2]]),
      b: new Uint8Array([7]),
    }
    assert.deepStrictEqual(copyValue(value), expected)
    assert.deepStrictEqual(decodeValue(encodeValue(value)), expected)
    assert.ok(sameValue(value, expected))
  })

  it('keeps bytes of any kind of Uint8Array, apart from what they were a part of', () => {
    const whole = Buffer.from('abcdef')
    const part = whole.subarray(1, 3)
    for (const bytes of [copyValue(part), decodeValue(encodeValue(part))]) {
      assert.deepStrictEqual(bytes, new Uint8Array([98, 99]))
    }
  })

  it('leaves out fields that are undefined, and keeps undefined everywhere else', () => {
    const value = { gone: undefined, list: [undefined], map: new Map([[undefined, undefined]]) }
    const stored = decodeValue(encodeValue(value)) as object
    assert.deepStrictEqual(stored, { list: [undefined], map: new Map([[undefined, undefined]]) })
    assert.equal('gone' in stored, false)
    assert.equal('gone' in copyValue(value), false)
    assert.equal(encodeValue(undefined).length, 0)
    assert.equal(decodeValue(new Uint8Array(0)), undefined)
  })

  it('leaves out what is named by symbols', () => {
    const value = { a: 1, [Symbol('secret')]: { b: 1 } }
    assert.deepStrictEqual(copyValue(value), { a: 1 })
    assert.deepStrictEqual(decodeValue(encodeValue(value)), { a: 1 })
  })

  it('may have a field named __proto__ that is no prototype', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"when":0}')
    const stored = [copyValue(value), decodeValue(encodeValue({ value, on: new Date(0) }))]
    const [copy, { value: read }] = stored as [object, { value: object }]
    for (const record of [copy, read]) {
      assert.deepEqual(Object.keys(record), ['__proto__', 'when'])
      assert.equal(Object.getPrototypeOf(record), Object.prototype)
      assert.equal(Reflect.get(record, 'polluted'), undefined)
    }
  })

  it('may look like a tag', () => {
    const value = { $: ['date', 0], when: [{ $: ['bigint', '1'] }] }
    assert.deepStrictEqual(decodeValue(encodeValue(value)), value)
  })

  it('may be a message, which is one again when it comes back', () => {
    const cover = create(CoverSchema, { domain: 'order', root: { value: new Uint8Array([1]) } })
    const read = decodeValue(encodeValue({ cover })) as { cover: unknown }
    assert.ok(isMessage(read.cover, CoverSchema))
    assert.deepEqual(toBinary(CoverSchema, read.cover), toBinary(CoverSchema, cover))
  })
})

describe('stored text', () => {
  it('is JSON with tags where JSON does not suffice', () => {
    assert.equal(valueText({ a: [1, 'x'] }), '{"a":[1,"x"]}')
    assert.equal(valueText(new Date(5)), '{"$":["date",5]}')
    assert.equal(valueText(new Date(Number.NaN)), '{"$":["date",null]}')
    assert.equal(valueText(12n), '{"$":["bigint","12"]}')
    assert.equal(valueText(-0), '{"$":["number","-0"]}')
    assert.equal(valueText(new Uint8Array([1, 2])), '{"$":["bytes","AQI="]}')
    assert.equal(valueText(new Set([1])), '{"$":["set",[1]]}')
    assert.equal(valueText(new Map([[1, 2]])), '{"$":["map",[[1,2]]]}')
    assert.equal(valueText({ $: 1 }), '{"$":["record",{"$":1}]}')
    assert.equal(valueText([undefined]), '[{"$":["undefined"]}]')
  })

  const broken: readonly (readonly [string, string])[] = [
    ['no JSON', '{"a":'],
    ['a tag that is not known', '{"$":["url","x"]}'],
    ['a tag without content', '{"$":[]}'],
    ['a tag that is no list', '{"$":1}'],
    ['a tag beside a field', '{"$":["date",1],"a":1}'],
    ['a date that is no time', '{"$":["date","now"]}'],
    ['a date beyond all calendars', '{"$":["date",1e300]}'],
    ['a bigint that is no integer', '{"$":["bigint","0x1"]}'],
    ['bytes that are no base64', '{"$":["bytes","*"]}'],
    ['a set that is no list', '{"$":["set",{}]}'],
    ['a map of something else than pairs', '{"$":["map",[[1]]]}'],
    ['a record that is a list', '{"$":["record",[]]}'],
    ['a number that JSON could express', '{"$":["number","1"]}'],
    ['a thousand lists in each other', '['.repeat(1_000) + ']'.repeat(1_000)],
    ['a million lists in each other', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
  ]
  for (const [name, text] of broken) {
    it(`is refused: ${name}`, () => {
      const error = thrownBy(() => decodeValue(Buffer.from(text)))
      assert.equal(error.code, 'VALUE_UNREADABLE')
      assert.notEqual(error.details['cause'], '')
    })
  }

  it('is refused when it is no UTF-8', () => {
    const error = thrownBy(() => decodeValue(new Uint8Array([0x22, 0xff, 0x22])))
    assert.equal(error.code, 'VALUE_UNREADABLE')
  })
})

describe('sameValue', () => {
  it('tells numbers apart as storing does', () => {
    assert.ok(sameValue(Number.NaN, Number.NaN))
    assert.equal(sameValue(0, -0), false)
    assert.equal(sameValue(1, 1n), false)
    assert.equal(sameValue(1, '1'), false)
  })

  it('tells kinds apart that look alike', () => {
    const kinds = [[], {}, new Set(), new Map(), new Uint8Array(), new Date(0), null, undefined, '']
    for (const one of kinds) {
      for (const other of kinds) assert.equal(sameValue(one, other), one === other)
    }
  })

  it('takes a field that is undefined for one that is not there', () => {
    assert.ok(sameValue({ a: undefined }, {}))
    assert.ok(sameValue({ a: 1 }, { a: 1, b: undefined }))
    assert.equal(sameValue({ a: undefined }, { a: null }), false)
    assert.equal(sameValue({ a: undefined, b: 1 }, { a: 1, b: undefined }), false)
  })

  it('pairs the members of sets one by one', () => {
    assert.equal(sameValue(new Set([[1], [1]]), new Set([[1], [2]])), false)
    assert.ok(sameValue(new Set([[1], [2]]), new Set([[2], [1]])))
    assert.ok(sameValue(new Map([[{ a: 1 }, 'x']]), new Map([[{ a: 1 }, 'x']])))
    assert.equal(sameValue(new Map([['k', 1]]), new Map([['k', 2]])), false)
  })

  it('compares what is no plain data by identity, and never runs forever', () => {
    const money = new Money()
    assert.ok(sameValue(money, money))
    assert.equal(sameValue(money, new Money()), false)
    assert.equal(sameValue(cycle(), cycle()), false)
  })
})

it('an array of a class of its own is stored as an array', () => {
  assert.deepStrictEqual(copyValue(Row.of(1, 2)), [1, 2])
})

function thrownBy(call: () => unknown): CodedError {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof CodedError, String(error))
    return error
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' })
}
