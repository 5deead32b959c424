/** What the branches of a group left, put together. */
import { applyChange, changeOf } from './change.ts'
import type { ParallelNode } from './definition.ts'

/** The value after the group, or the key that two branches changed differently. */
export type Joined =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'conflict'; readonly key: string; readonly value: unknown }

/**
 * Joins: a list, or the value the group got with what each branch changed of it. In a conflict the
 * value is that of the later branch; who decides to go on with it says so.
 */
export function joinBranches(
  join: ParallelNode['join'],
  before: unknown,
  left: readonly unknown[],
): Joined {
  if (join === 'list') return { kind: 'value', value: [...left] }
  let value = before
  let conflict: string | undefined
  const set = new Map<string, unknown>()
  for (const after of left) {
    const change = changeOf(before, after)
    if (change.kind === 'same') continue
    value = applyChange(value, change)
    const changes: readonly (readonly [string, unknown])[] =
      change.kind === 'replace'
        ? [['', change.value]]
        : [...Object.entries(change.set), ...change.unset.map((key) => [key, REMOVED] as const)]
    for (const [key, to] of changes) {
      if (set.has(key) && changeOf(set.get(key), to).kind !== 'same') conflict ??= key
      set.set(key, to)
    }
    if (set.has('') && set.size > 1) conflict ??= ''
  }
  return conflict === undefined
    ? { kind: 'value', value }
    : { kind: 'conflict', key: conflict, value }
}

const REMOVED: unique symbol = Symbol('removed')
