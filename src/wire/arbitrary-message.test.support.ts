/** Arbitrary messages of any schema, and the bytes around them. */
import { create, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { isWrapperDesc } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'

/** Values that a message may hold, and how deep messages nest. */
type Bag = Record<string, unknown>

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  // Lone surrogates and everything else that UTF-16 allows.
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 8 }),
  fc.integer({ min: 120, max: 400 }).map((length) => 'x'.repeat(length)),
  fc.constantFrom('__proto__', 'constructor', '\uFEFFmark', 'type.googleapis.com/orders.Created'),
)
const bytes = fc.uint8Array({ maxLength: 150 })
const int32 = fc.oneof(
  fc.integer(),
  fc.integer({ min: -2, max: 300 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1),
)
const uint32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const int64 = fc.oneof(
  fc.bigInt({ min: -300n, max: 300n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
)
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
)
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity))
const float = fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, Infinity))

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text
    case ScalarType.BYTES:
      return bytes
    case ScalarType.BOOL:
      return fc.boolean()
    case ScalarType.DOUBLE:
      return double
    case ScalarType.FLOAT:
      return float
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return int32
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return int64
    default:
      return uint64
  }
}

const json = fc.dictionary(
  fc.string({ maxLength: 5 }),
  fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
  { maxKeys: 3 },
)

/** One value of a field, or one item, or one value of a map. */
function value(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.enum !== undefined) {
    const known = fc.constantFrom(...field.enum.values.map(({ number }) => number))
    return field.enum.open ? fc.oneof(known, int32) : known
  }
  const { message } = field
  if (message === undefined) {
    const plain = scalar(field.scalar ?? ScalarType.STRING)
    return 'longAsString' in field && field.longAsString ? plain.map(String) : plain
  }
  const isStruct = message.typeName === 'google.protobuf.Struct'
  if (isStruct && field.parent.typeName !== 'google.protobuf.Value') return json
  if (field.fieldKind === 'message' && field.oneof === undefined && isWrapperDesc(message)) {
    return scalar(message.fields[0]?.scalar ?? ScalarType.STRING)
  }
  return arbitraryMessage(message, depth - 1)
}

function mapKey(type: ScalarType): fc.Arbitrary<string> {
  return scalar(type).map(String)
}

function property(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const deep = field.message !== undefined && depth <= 0
  switch (field.fieldKind) {
    case 'list':
      return deep ? fc.constant([]) : fc.array(value(field, depth), { maxLength: 3 })
    case 'map':
      return deep
        ? fc.constant({})
        : fc.dictionary(mapKey(field.mapKey), value(field, depth), { maxKeys: 3 })
    default:
      return deep ? fc.constant(undefined) : value(field, depth)
  }
}

/**
 * Arbitrary messages of a schema, as `create` makes them; about every second field is set.
 *
 * @param depth how deep messages nest in messages; default 2
 */
export function arbitraryMessage(schema: DescMessage, depth = 2): fc.Arbitrary<Bag> {
  const properties: Record<string, fc.Arbitrary<unknown>> = {}
  for (const member of schema.members) {
    if (member.kind === 'oneof') {
      const cases = member.fields.filter((field) => field.message === undefined || depth > 0)
      const one = cases.map((field) =>
        value(field, depth).map((chosen) => ({ case: field.localName, value: chosen })),
      )
      if (one.length > 0) properties[member.localName] = fc.oneof(...one)
    } else {
      properties[member.localName] = property(member, depth)
    }
  }
  const required = schema.fields
    .filter((field) => field.presence === 3)
    .map((field) => field.localName)
  return fc
    .record(properties, { requiredKeys: required })
    .map((init) => create(schema, init) as unknown as Bag)
}

/** Bytes near valid ones: some changed, cut, repeated or put in. */
export function mutated(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(3), fc.nat(), fc.nat(255), fc.nat(6))
  return fc.tuple(valid, fc.array(change, { maxLength: 3 })).map(([start, changes]) => {
    let result = [...start]
    for (const [kind, where, byte, length] of changes) {
      const at = result.length === 0 ? 0 : where % result.length
      if (kind === 0) result[at] = byte
      else if (kind === 1) result.splice(at, length)
      else if (kind === 2) result.splice(at, 0, byte)
      else result = [...result, ...result.slice(at, at + length)]
    }
    return Uint8Array.from(result)
  })
}
