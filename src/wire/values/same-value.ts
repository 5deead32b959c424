/** Deep equality of plain data. */
import { limits } from '../../limits.ts'
import { type Fields, isPlainRecord, specialKindOf } from './plain-data.ts'

/**
 * Whether two values say the same: storing one in place of the other makes no difference but for
 * the order of fields, members and entries. NaN is NaN, 0 is not -0, a field that is `undefined` is
 * not there. What is no plain data is the same only as itself.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  return same(a, b, 0)
}

function same(a: unknown, b: unknown, depth: number): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (depth > limits.valueDepthMax) return false
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b, depth + 1)
  if (Array.isArray(b)) return false
  if (isPlainRecord(a)) return isPlainRecord(b) && sameFields(a, b, depth + 1)
  const kind = specialKindOf(a)
  if (kind === undefined || kind !== specialKindOf(b)) return false
  switch (kind) {
    case 'date':
      return Object.is((a as Date).getTime(), (b as Date).getTime())
    case 'bytes':
      return sameBytes(a as Uint8Array, b as Uint8Array)
    case 'set':
      return sameMembers(a as Set<unknown>, b as Set<unknown>, depth + 1)
    case 'map':
      return sameEntries(a as Map<unknown, unknown>, b as Map<unknown, unknown>, depth + 1)
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[], depth: number): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index], depth))
}

function sameFields(a: Fields, b: Fields, depth: number): boolean {
  let count = 0
  for (const key of Object.keys(a)) {
    const item = a[key]
    if (item === undefined) continue
    if (!Object.hasOwn(b, key) || !same(item, b[key], depth)) return false
    count++
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) count--
  return count === 0
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function sameMembers(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>, depth: number): boolean {
  if (a.size !== b.size) return false
  const left = new Set(b)
  for (const member of a) {
    if (left.delete(member)) continue
    const other = find(left, (candidate) => same(member, candidate, depth))
    if (other === undefined) return false
    left.delete(other.found)
  }
  return true
}

function sameEntries(
  a: ReadonlyMap<unknown, unknown>,
  b: ReadonlyMap<unknown, unknown>,
  depth: number,
): boolean {
  if (a.size !== b.size) return false
  const left = new Map(b)
  for (const [key, item] of a) {
    const isSame = (candidate: unknown): boolean =>
      same(key, candidate, depth) && same(item, left.get(candidate), depth)
    const other = left.has(key) ? { found: key } : find(left.keys(), isSame)
    if (other === undefined || !isSame(other.found)) return false
    left.delete(other.found)
  }
  return true
}

function find(
  items: Iterable<unknown>,
  matches: (item: unknown) => boolean,
): { readonly found: unknown } | undefined {
  for (const found of items) if (matches(found)) return { found }
  return undefined
}
