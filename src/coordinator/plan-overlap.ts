/** Which top-level fields two states differ in, and whether two changes touch the same one. Pure. */
import { type DescMessage, isMessage } from '@bufbuild/protobuf'

/** Stands for "cannot tell": overlaps with every change that is not empty. */
export const ANY_FIELD = '*'

/**
 * The names of the top-level fields in which two states differ. Protobuf states are compared field
 * by field of their schema, under the names of the .proto file; states of classes by their own
 * enumerable properties.
 */
export function changedFields(
  before: unknown,
  after: unknown,
  schema: DescMessage | undefined,
): ReadonlySet<string> {
  if (!isRecord(before) || !isRecord(after)) {
    return new Set(Object.is(before, after) ? [] : [ANY_FIELD])
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const protoNames = schema !== undefined && isMessage(before, schema) ? namesOf(schema) : undefined
  const changed = new Set<string>()
  for (const name of names) {
    if (sameValue(before[name], after[name])) continue
    if (protoNames !== undefined && isOneof(before[name], after[name])) {
      for (const value of [before[name], after[name]]) {
        if (isRecord(value) && typeof value['case'] === 'string') {
          changed.add(protoNames.get(value['case']) ?? ANY_FIELD)
        }
      }
    } else changed.add(protoNames?.get(name) ?? name)
  }
  return changed
}

/** The fields in both sets, sorted; `*` in one set meets everything in the other. */
export function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  if (one.size === 0 || other.size === 0) return []
  if (one.has(ANY_FIELD) || other.has(ANY_FIELD)) return [ANY_FIELD]
  return [...one].filter((name) => other.has(name)).sort()
}

function namesOf(schema: DescMessage): ReadonlyMap<string, string> {
  return new Map(schema.fields.map((field) => [field.localName, field.name]))
}

function isOneof(...values: readonly unknown[]): boolean {
  return values.every((value) => isRecord(value) && 'case' in value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (!isRecord(one) || !isRecord(other)) return false
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime()
  if (one instanceof Map && other instanceof Map) return sameValue([...one], [...other])
  if (one instanceof Set && other instanceof Set) return sameValue([...one], [...other])
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameValue(one[name], other[name]))
  )
}
