import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CoverSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { ANY_FIELD, changedFields, overlap } from './plan-overlap.ts'

describe('changed fields', () => {
  test('protobuf states differ under the names of the .proto file', () => {
    const before = create(CoverSchema, { domain: 'a', root: { value: new Uint8Array([1]) } })
    const after = create(CoverSchema, {
      domain: 'a',
      correlationId: 'c',
      root: { value: new Uint8Array([2]) },
    })
    assert.deepEqual([...changedFields(before, after, CoverSchema)], ['root', 'correlation_id'])
  })
  test('equal nested values are no difference', () => {
    const make = (): object => ({
      list: [{ a: 1 }],
      map: new Map([['k', new Set([1])]]),
      at: new Date(5),
    })
    assert.equal(changedFields(make(), make(), undefined).size, 0)
  })
  test('a difference deep inside counts for its top-level field', () => {
    const state = (b: number): object => ({ kept: 1, deep: { list: [{ b }] } })
    assert.deepEqual([...changedFields(state(1), state(2), undefined)], ['deep'])
  })
  test('what is no object cannot be told apart', () => {
    assert.deepEqual([...changedFields(1, 2, undefined)], [ANY_FIELD])
  })
})

describe('overlap', () => {
  test('is what both sets hold, sorted', () => {
    assert.deepEqual(overlap(new Set(['b', 'a', 'c']), new Set(['c', 'a'])), ['a', 'c'])
  })
  test('the wildcard meets everything but nothing', () => {
    assert.deepEqual(overlap(new Set([ANY_FIELD]), new Set(['a'])), [ANY_FIELD])
    assert.deepEqual(overlap(new Set([ANY_FIELD]), new Set()), [])
  })
})
