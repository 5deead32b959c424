import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MergeStrategy } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { planMerge } from './plan-merge.ts'

const gate = (strategy: MergeStrategy, expected: number | undefined, supportsReplay = true) =>
  planMerge({ strategy, expected, actual: 3, supportsReplay })

describe('the merge gate', () => {
  test('every strategy lets a command through that expects what is there', () => {
    for (const strategy of [0, 1, 2, 3] as const) assert.equal(gate(strategy, 3), 'run')
  })
  test('a command that claims no sequence is never checked', () => {
    for (const strategy of [0, 1, 2, 3] as const) assert.equal(gate(strategy, undefined), 'run')
  })
  test('a stale command is treated as its strategy says', () => {
    assert.equal(gate(MergeStrategy.MERGE_STRICT, 1), 'mismatch')
    assert.equal(gate(MergeStrategy.MERGE_AGGREGATE_HANDLES, 1), 'run')
    assert.equal(gate(MergeStrategy.MERGE_MANUAL, 1), 'dead-letter')
    assert.equal(gate(MergeStrategy.MERGE_COMMUTATIVE, 1), 'run-then-compare')
  })
  test('without replay there is nothing to compare, nor ahead of the stream', () => {
    assert.equal(gate(MergeStrategy.MERGE_COMMUTATIVE, 1, false), 'mismatch')
    assert.equal(gate(MergeStrategy.MERGE_COMMUTATIVE, 5), 'mismatch')
  })
})
