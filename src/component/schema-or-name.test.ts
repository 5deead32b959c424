import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { CoverSchema, EventBookSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { isSchema, meansType, nameOf } from './schema-or-name.ts'

const COVER = 'angzarr_client.proto.angzarr.Cover'

describe('a schema or a name', () => {
  test('means a type by schema, by full name, and by the last part of it', () => {
    for (const type of [CoverSchema, COVER, 'Cover']) assert.equal(meansType(type, COVER), true)
  })

  test('does not mean a type by a part with a dot in it, or by another last part', () => {
    for (const type of [EventBookSchema, 'angzarr.Cover', 'over', '', 'x.Cover']) {
      assert.equal(meansType(type, COVER), false)
    }
  })

  test('has a name', () => {
    assert.deepEqual([nameOf(CoverSchema), nameOf('Cover')], [COVER, 'Cover'])
  })

  test('is a schema when it describes a message', () => {
    const others = ['Cover', class Cover {}, null, undefined, {}, { kind: 'enum' }]
    assert.deepEqual([CoverSchema, ...others].map(isSchema), [true, ...others.map(() => false)])
  })
})
