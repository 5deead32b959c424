/** Whether two values are the same by what they hold. */

/**
 * Compares by value: plain records, arrays, dates, bytes, maps and sets by their content, everything
 * else by identity. Never throws; what cannot be looked at, or is deeper than 100 levels, differs.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  try {
    return same(one, other, 0)
  } catch {
    return false
  }
}

/** A record made by braces, `Object.create(null)` or a parser; not an instance of a class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const DEPTH_MAX = 100

function same(one: unknown, other: unknown, depth: number): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  if (one === null || other === null || depth > DEPTH_MAX) return false
  if (isRecord(one) && isRecord(other)) return sameRecords(one, other, depth)
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (Array.isArray(one) && Array.isArray(other)) return sameItems(one, other, depth)
  if (one instanceof Date && other instanceof Date) return Object.is(one.getTime(), other.getTime())
  if (one instanceof Uint8Array && other instanceof Uint8Array) return sameItems(one, other, depth)
  if (one instanceof Map && other instanceof Map) {
    return sameItems([...one].flat(), [...other].flat(), depth)
  }
  if (one instanceof Set && other instanceof Set) return sameItems([...one], [...other], depth)
  return false
}

function sameItems(one: ArrayLike<unknown>, other: ArrayLike<unknown>, depth: number): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) {
    if (!same(one[at], other[at], depth + 1)) return false
  }
  return true
}

function sameRecords(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
  depth: number,
): boolean {
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key], depth + 1))
}
