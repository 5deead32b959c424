/**
 * What became of a value: found out, and carried out.
 *
 * 1. `applyChange(before, changeOf(before, after))` holds the same as `after`.
 * 2. A value is never written into; keys that did not change keep their very values.
 */
import type { Change } from './journal.ts'
import { isRecord, sameValue } from './same-value.ts'

/** Nothing changed. */
export const SAME: Change = Object.freeze({ kind: 'same' })

/** The change between two contexts: of records by key, compared by value. */
export function changeOf(before: unknown, after: unknown): Change {
  if (before === after) return SAME
  try {
    if (isRecord(before) && isRecord(after)) return patchOf(before, after)
  } catch {
    // A value that cannot be looked at is taken as it is.
    return { kind: 'replace', value: after }
  }
  return sameValue(before, after) ? SAME : { kind: 'replace', value: after }
}

/** The value after a change. */
export function applyChange(before: unknown, change: Change): unknown {
  if (change.kind === 'same') return before
  if (change.kind === 'replace') return change.value
  const after: Record<string, unknown> = isRecord(before)
    ? copyOf(before)
    : (Object.create(null) as Record<string, unknown>)
  for (const key of change.unset) delete after[key]
  for (const [key, value] of Object.entries(change.set)) put(after, key, value)
  return after
}

type Fields = Readonly<Record<string, unknown>>

function patchOf(before: Fields, after: Fields): Change {
  const set: Record<string, unknown> = {}
  const unset: string[] = []
  let hasNew = false
  for (const key of Object.keys(after)) {
    const value = after[key]
    if (Object.hasOwn(before, key) && sameValue(before[key], value)) continue
    put(set, key, value)
    hasNew = true
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) unset.push(key)
  return hasNew || unset.length > 0 ? { kind: 'patch', set, unset } : SAME
}

function copyOf(record: Fields): Record<string, unknown> {
  if (Object.getPrototypeOf(record) !== null) return { ...record }
  return Object.assign(Object.create(null) as Record<string, unknown>, record)
}

/** Also for the one key that assignment takes for something else. */
function put(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') record[key] = value
  else {
    const [enumerable, writable, configurable] = [true, true, true]
    Object.defineProperty(record, key, { value, enumerable, writable, configurable })
  }
}
