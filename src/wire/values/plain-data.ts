/**
 * What counts as plain data: null, booleans, numbers of every kind, texts, bigints, `undefined`,
 * dates, bytes, sets, maps, arrays and plain records of them.
 *
 * 1. A field of a record that is `undefined` is a field that is not there. Elsewhere `undefined` is
 *    a value.
 * 2. Objects of other realms (a `vm` context, as some test runners use) count like those of this one.
 * 3. What has a class of its own is not plain, even if it extends one of these; only arrays and bytes
 *    may come as any kind of `Array` and `Uint8Array`, and are plain ones when they come back.
 * 4. Properties of arrays beside their items, and properties named by symbols, are left out.
 * 5. A message of proto3 made by protobuf-es is a plain record, its `$typeName` an ordinary field.
 */
import { types } from 'node:util'

/** Objects that are more than records and arrays. */
export type SpecialKind = 'date' | 'bytes' | 'set' | 'map'

/** A record seen as fields by name. */
export type Fields = Record<string, unknown>

/** True for objects made by `{}` or `Object.create(null)`; to be asked for objects only. */
export function isPlainRecord(value: object): value is Fields {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return isForeignRoot(prototype as object)
}

/** The `Object.prototype` of another realm has no prototype and knows what this one knows. */
function isForeignRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** What an object is that is neither an array nor a plain record; `undefined`: not plain data. */
export function specialKindOf(value: object): SpecialKind | undefined {
  if (types.isUint8Array(value)) return 'bytes'
  if (types.isDate(value)) return isOwnKind(value) ? 'date' : undefined
  if (types.isSet(value)) return isOwnKind(value) ? 'set' : undefined
  if (types.isMap(value)) return isOwnKind(value) ? 'map' : undefined
  return undefined
}

/** True when nothing stands between the prototype of the kind and the root of all objects. */
function isOwnKind(value: object): boolean {
  const root: unknown = Object.getPrototypeOf(Object.getPrototypeOf(value))
  return root === Object.prototype || (root !== null && isForeignRoot(root as object))
}

/** True for numbers that JSON text can express: finite, and not the negative zero. */
export function isJsonNumber(value: number): boolean {
  return value - value === 0 && (value !== 0 || 1 / value > 0)
}
