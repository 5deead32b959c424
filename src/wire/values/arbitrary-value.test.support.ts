/** Makes plain data at random, with everything that plain data may hold. */
import fc from 'fast-check'

/** Values without others in them. */
export const arbitraryScalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, false, '', -0, Number.NaN, Infinity, -Infinity),
  fc.double(),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '"$":', '{"$":["date",0]}', '\u2028'),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 40 }),
)

const arbitraryKey: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('$', '__proto__', 'constructor', 'toJSON', 'fields', 'length', '0', 'then', ''),
)

/** A record in which every name is a field of its own. */
function recordOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(arbitraryKey, value), { maxLength: 5 })
    .map((fields) => Object.fromEntries(fields))
}

/** Any value. */
export const arbitraryValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    arbitraryScalar,
    fc.array(tie('value'), { maxLength: 5 }),
    recordOf(tie('value')),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((all) => new Map(all)),
  ),
})).value

/** Any record. */
export const arbitraryRecord: fc.Arbitrary<Record<string, unknown>> = recordOf(arbitraryValue)

/** What storing keeps: the same value without fields that are `undefined`. */
export function asStored(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(asStored)
  if (value instanceof Set) return new Set(Array.from(value, asStored))
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, item]) => [asStored(key), asStored(item)]))
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [[key, asStored(item)]],
    ),
  )
}
