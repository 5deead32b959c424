import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { applyChange, changeOf } from './change.ts'
import { joinBranches } from './join-branches.ts'
import { sameValue } from './same-value.ts'

const values = fc.anything({
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withTypedArray: false,
  maxDepth: 2,
})
const records = fc.dictionary(
  fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'toString'), fc.string()),
  values,
)

describe('a change', () => {
  test('applied to what was before gives what came after', () => {
    fc.assert(
      fc.property(fc.oneof(records, values), fc.oneof(records, values), (before, after) => {
        const result = applyChange(before, changeOf(before, after))
        assert.ok(sameValue(result, after) || Object.is(result, after))
      }),
    )
  })

  test('of a record keeps the values that did not change, and writes into neither', () => {
    fc.assert(
      fc.property(records, records, (before, after) => {
        const [wasBefore, wasAfter] = [structured(before), structured(after)]
        const change = changeOf(before, after)
        const result = applyChange(before, change) as Record<string, unknown>
        for (const key of Object.keys(before)) {
          if (Object.hasOwn(after, key) && sameValue(before[key], after[key])) {
            assert.equal(result[key], before[key])
          }
        }
        assert.deepEqual([structured(before), structured(after)], [wasBefore, wasAfter])
      }),
    )
  })

  test('between equal records is none', () => {
    const at = new Date(5)
    assert.deepEqual(
      changeOf({ at, list: [1, { x: 1 }] }, { list: [1, { x: 1 }], at: new Date(5) }),
      {
        kind: 'same',
      },
    )
  })

  test('of something that cannot be looked at replaces it', () => {
    const after = {
      get x(): never {
        throw new Error('x')
      },
    }
    assert.deepEqual(changeOf({ x: 1 }, after).kind, 'replace')
  })

  test('never reaches the prototype of anything', () => {
    const after = JSON.parse('{"__proto__":{"polluted":true}}') as unknown
    const result = applyChange({}, changeOf({}, after)) as Record<string, unknown>
    assert.equal(result['polluted'], undefined)
    assert.ok(Object.hasOwn(result, '__proto__'))
  })
})

describe('branches', () => {
  test('that change different keys are put together in any order', () => {
    const before = { a: 1, b: 2, c: 3 }
    const left = [
      { a: 9, b: 2, c: 3 },
      { a: 1, c: 3 },
      { a: 1, b: 2, c: 3, d: 4 },
    ]
    const expected = { kind: 'value', value: { a: 9, c: 3, d: 4 } }
    assert.deepEqual(joinBranches('merge', before, left), expected)
    assert.deepEqual(joinBranches('merge', before, left.toReversed()), expected)
  })

  test('that make the same change agree', () => {
    const joined = joinBranches('merge', { a: 1 }, [{ a: [2] }, { a: [2] }])
    assert.deepEqual(joined, { kind: 'value', value: { a: [2] } })
  })

  test('of which one removes what another changes conflict', () => {
    const joined = joinBranches('merge', { a: 1 }, [{}, { a: 2 }])
    assert.deepEqual([joined.kind, 'key' in joined && joined.key], ['conflict', 'a'])
  })

  test('of which one replaces what another changes in part conflict', () => {
    assert.equal(joinBranches('merge', { a: 1 }, ['text', { a: 2 }]).kind, 'conflict')
  })
})

/** A copy by hand, deep enough to notice a write. */
function structured(
  record: Readonly<Record<string, unknown>>,
): readonly (readonly [string, unknown])[] {
  return Object.entries(record)
}
