import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { packAny } from '../../../wire/any.ts'
import { CoverSchema } from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { changedFields } from '../../plan-overlap.ts'
import { comparableState } from './remote-replay.ts'

describe('a state whose schema is not known here', () => {
  const changed = (one: object, other: object): readonly string[] => {
    const [before, after] = [one, other].map((init) =>
      comparableState({
        ...packAny(CoverSchema, create(CoverSchema, init)),
        typeUrl: 'type.googleapis.com/elsewhere.State',
      }),
    )
    assert.equal(after?.schema, undefined)
    return [...changedFields(before?.state, after?.state, after?.schema)]
  }

  test('is compared by the numbers of its fields', () => {
    assert.deepEqual(changed({ domain: 'a' }, { domain: 'b' }), ['field 2'])
    assert.deepEqual(changed({}, { correlationId: 'c' }), ['field 3'])
    assert.deepEqual(changed({ domain: 'a' }, { domain: 'a' }), [])
  })
})
