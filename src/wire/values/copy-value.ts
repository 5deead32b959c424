/** Deep copies of plain data, made and checked in one pass. */
import { limits } from '../../limits.ts'
import { type Fields, isPlainRecord, specialKindOf } from './plain-data.ts'
import { refused } from './shape-of-value.ts'

/** Ends a copy; where and why is found out afterwards. */
const REFUSED: unique symbol = Symbol('refused')

let places = 0

/**
 * A copy that shares nothing with its original but what cannot change. It is what storing and
 * reading the value gives: fields that are `undefined` are left out, bytes are a plain `Uint8Array`.
 *
 * @throws CodedError `VALUE_NOT_STORABLE`, and `VALUE_TOO_LARGE` for more places than any stored
 * value can have
 */
export function copyValue<T>(value: T): T {
  places = limits.valueBytesMax / 2
  const copied = copyOf(value, 0)
  if (copied === REFUSED) throw refused(value)
  // The copy has the shape of its original; only fields that are `undefined` have gone.
  return copied as T
}

function copyOf(value: unknown, depth: number): unknown {
  if (--places < 0) return REFUSED
  if (typeof value === 'object') return value === null ? null : copyOfObject(value, depth + 1)
  return typeof value === 'function' || typeof value === 'symbol' ? REFUSED : value
}

function copyOfObject(value: object, depth: number): unknown {
  if (depth > limits.valueDepthMax) return REFUSED
  if (Array.isArray(value)) return copyOfArray(value, depth)
  if (isPlainRecord(value)) return copyOfRecord(value, depth)
  switch (specialKindOf(value)) {
    case 'date':
      return new Date((value as Date).getTime())
    case 'bytes':
      return new Uint8Array(value as Uint8Array)
    case 'set':
      return copyOfSet(value as Set<unknown>, depth)
    case 'map':
      return copyOfMap(value as Map<unknown, unknown>, depth)
    case undefined:
      return REFUSED
  }
}

function copyOfRecord(record: Fields, depth: number): unknown {
  // A spread is the quickest copy there is, and defines a field named `__proto__` like any other.
  const result: Fields = { ...record }
  const keys = Object.keys(result)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    const item = result[key]
    if (typeof item === 'object' && item !== null) {
      if (--places < 0) return REFUSED
      const copied = copyOfObject(item, depth + 1)
      if (copied === REFUSED) return REFUSED
      result[key] = copied
    } else if (item === undefined) delete result[key]
    else if (--places < 0 || typeof item === 'function' || typeof item === 'symbol') return REFUSED
  }
  const symbols = Object.getOwnPropertySymbols(result)
  if (symbols.length > 0) for (const symbol of symbols) Reflect.deleteProperty(result, symbol)
  return result
}

function copyOfArray(items: readonly unknown[], depth: number): unknown {
  const result: unknown[] = []
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (item === undefined && !(i in items)) return REFUSED
    const copied = copyOf(item, depth)
    if (copied === REFUSED) return REFUSED
    result.push(copied)
  }
  return result
}

function copyOfSet(items: ReadonlySet<unknown>, depth: number): unknown {
  const result = new Set<unknown>()
  for (const item of items) {
    const copied = copyOf(item, depth)
    if (copied === REFUSED) return REFUSED
    result.add(copied)
  }
  return result
}

function copyOfMap(map: ReadonlyMap<unknown, unknown>, depth: number): unknown {
  const result = new Map<unknown, unknown>()
  for (const [key, item] of map) {
    const copiedKey = copyOf(key, depth)
    const copied = copyOf(item, depth)
    if (copiedKey === REFUSED || copied === REFUSED) return REFUSED
    result.set(copiedKey, copied)
  }
  return result
}
