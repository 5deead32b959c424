import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  AngzarrDeferredSequenceSchema,
  PageHeaderSchema,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { newCover } from './cover.ts'
import {
  angzarrHeader,
  deferredKey,
  externalHeader,
  isDeferred,
  sequenceHeader,
  sequenceOf,
  stampedHeader,
} from './header.ts'

const root = '07070707-0707-0707-0707-070707070707'
const source = newCover({ domain: 'orders', root, correlationId: 'corr-1' })

describe('a header', () => {
  test('with a sequence is not deferred, 0 included', () => {
    for (const sequence of [0, 7, 0xffff_ffff]) {
      assert.equal(sequenceOf(sequenceHeader(sequence)), sequence)
      assert.equal(isDeferred(sequenceHeader(sequence)), false)
    }
  })

  test('of a fact or of an emitted command is deferred and has no sequence', () => {
    for (const header of [externalHeader('id-1', 'shop'), angzarrHeader(source, 9)]) {
      assert.equal(isDeferred(header), true)
      assert.equal(sequenceOf(header), undefined)
    }
  })

  test('that is missing or empty is neither', () => {
    for (const header of [undefined, create(PageHeaderSchema)]) {
      assert.equal(isDeferred(header), false)
      assert.equal(sequenceOf(header), undefined)
    }
  })
})

describe('stampedHeader', () => {
  test('is a new header, which keeps all but the place', () => {
    const header = create(PageHeaderSchema, { syncMode: SyncMode.SIMPLE })
    header.sequenceType = angzarrHeader(source, 9).sequenceType
    const stamped = stampedHeader(header, 4)
    assert.deepStrictEqual([sequenceOf(stamped), stamped.syncMode], [4, SyncMode.SIMPLE])
    assert.equal(isDeferred(header), true)
  })

  test('needs no header to begin with', () => {
    assert.deepStrictEqual(stampedHeader(undefined, 4), sequenceHeader(4))
  })
})

describe('deferredKey', () => {
  test('names edition, domain, root and sequence of the source', () => {
    const deferred = create(AngzarrDeferredSequenceSchema, { source, sourceSeq: 9 })
    assert.equal(deferredKey(deferred), `:orders:${'07'.repeat(16)}:9`)
  })

  test('is nothing without a source', () => {
    assert.equal(deferredKey(create(AngzarrDeferredSequenceSchema)), undefined)
  })
})
