/**
 * Looks at a value before it is stored. One quick pass without paths decides; only for what is
 * refused a second one finds out where and why.
 */
import type { CodedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { type Fields, isJsonNumber, isPlainRecord, specialKindOf } from './plain-data.ts'
import { refusalOf } from './refused-value.ts'

/**
 * `json`: JSON text alone can express it. `tagged`: storable, but something in it needs a tag.
 * `refused`: something in it cannot be stored.
 */
export type ValueShape = 'json' | 'tagged' | 'refused'

/** Values within values; each takes two bytes of text at least. */
let places = 0

/** The shape of a value. */
export function shapeOfValue(value: unknown): ValueShape {
  places = limits.valueBytesMax / 2
  return shapeOf(value, 0)
}

/** The same for a record of many values, each of which may be as deep as a value may be. */
export function shapeOfMany(values: unknown): ValueShape {
  places = Number.POSITIVE_INFINITY
  return shapeOf(values, -LEVELS_ABOVE)
}

/** Levels that a record of many values may have above them. */
const LEVELS_ABOVE = 10

/**
 * Throws unless a value can be stored. Its size is only known once it is encoded.
 *
 * @throws CodedError `VALUE_NOT_STORABLE` with `path` and `type` of what cannot be stored,
 * `VALUE_TOO_LARGE` for more places than any stored value can have
 */
export function assertStorable(value: unknown): void {
  if (shapeOfValue(value) === 'refused') throw refused(value)
}

/** The error for a value that is refused. */
export function refused(value: unknown): CodedError {
  return refusalOf(value)
}

function shapeOf(value: unknown, depth: number): ValueShape {
  if (--places < 0) return 'refused'
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return 'json'
    case 'number':
      return isJsonNumber(value) ? 'json' : 'tagged'
    case 'undefined':
    case 'bigint':
      return 'tagged'
    case 'object':
      return value === null ? 'json' : shapeOfObject(value, depth + 1)
    case 'function':
    case 'symbol':
      return 'refused'
  }
}

function shapeOfObject(value: object, depth: number): ValueShape {
  if (depth > limits.valueDepthMax) return 'refused'
  if (Array.isArray(value)) return shapeOfArray(value, depth)
  if (isPlainRecord(value)) return shapeOfRecord(value, depth)
  switch (specialKindOf(value)) {
    case 'date':
    case 'bytes':
      return 'tagged'
    case 'set':
      return shapeOfAll(value as Set<unknown>, depth)
    case 'map':
      return shapeOfMap(value as Map<unknown, unknown>, depth)
    case undefined:
      return 'refused'
  }
}

function shapeOfRecord(record: Fields, depth: number): ValueShape {
  const keys = Object.keys(record)
  let result: ValueShape = 'json'
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    if (key === '$') result = 'tagged'
    const item = record[key]
    if (item === undefined) continue
    const shape = shapeOf(item, depth)
    if (shape === 'refused') return shape
    if (shape === 'tagged') result = shape
  }
  return result
}

function shapeOfArray(items: readonly unknown[], depth: number): ValueShape {
  let result: ValueShape = 'json'
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (item === undefined && !(i in items)) return 'refused'
    const shape = shapeOf(item, depth)
    if (shape === 'refused') return shape
    if (shape === 'tagged') result = shape
  }
  return result
}

function shapeOfAll(items: Iterable<unknown>, depth: number): ValueShape {
  for (const item of items) if (shapeOf(item, depth) === 'refused') return 'refused'
  return 'tagged'
}

function shapeOfMap(map: ReadonlyMap<unknown, unknown>, depth: number): ValueShape {
  if (shapeOfAll(map.keys(), depth) === 'refused') return 'refused'
  return shapeOfAll(map.values(), depth)
}
