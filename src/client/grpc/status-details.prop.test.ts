import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { limits } from '../../limits.ts'
import {
  type EventBook,
  EventBookSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { decodeStatusDetails, encodeStatusDetails, statusText } from './status-details.ts'

describe('the details of a status', () => {
  it('come back as they were sent', () => {
    const short = fc.string({ maxLength: 20, unit: 'grapheme' })
    fc.assert(
      fc.property(short, fc.dictionary(short, short, { maxKeys: 5 }), (reason, details) => {
        const code = `C${reason}`
        const bytes = encodeStatusDetails({ status: 'ABORTED', text: 'no', code, details })
        const { errorInfo, rejectionCover } = decodeStatusDetails(bytes)
        assert.equal(errorInfo?.reason, code)
        assert.deepEqual({ ...errorInfo.metadata }, { ...details })
        assert.equal(errorInfo.domain, 'angzarr.io')
        assert.equal(rejectionCover, undefined)
      }),
    )
  })

  it('carry the cover of a rejected command', () => {
    const cover = { domain: 'order', correlationId: 'corr-1' }
    const from = { status: 'NOT_FOUND', text: 'no', code: 'GONE', details: {}, cover } as const
    const { rejectionCover } = decodeStatusDetails(encodeStatusDetails(from))
    assert.equal(rejectionCover?.domain, 'order')
    assert.equal(rejectionCover.correlationId, 'corr-1')
  })

  const bookOf = (bytes: number): EventBook =>
    create(EventBookSchema, {
      cover: { domain: 'order' },
      nextSequence: 1,
      pages: [
        { payload: { case: 'event', value: { typeUrl: 'x/y', value: new Uint8Array(bytes) } } },
      ],
    })
  const stale = { status: 'FAILED_PRECONDITION', text: 'no', code: 'STALE', details: {} } as const

  it('carry the current book of a stale command, without its pages when it is too large', () => {
    for (const [bytes, pages] of [
      [10, 1],
      [limits.grpcStatusDetailsBytesMax, 0],
    ] as const) {
      const received = decodeStatusDetails(encodeStatusDetails({ ...stale, book: bookOf(bytes) }))
      assert.equal(received.errorInfo?.reason, 'STALE')
      assert.equal(received.currentBook?.nextSequence, 1)
      assert.equal(received.currentBook.cover?.domain, 'order')
      assert.equal(received.currentBook.pages.length, pages)
    }
  })

  it('are understood when they are the bare bytes of a book', () => {
    const bytes = toBinary(EventBookSchema, bookOf(10))
    assert.equal(decodeStatusDetails(bytes).currentBook?.pages.length, 1)
  })

  it('are left out when there is nothing to say', () => {
    const from = { status: 'INTERNAL', text: 'no', code: '', details: {} } as const
    assert.equal(encodeStatusDetails(from), undefined)
  })

  it('stay within their bound and keep the code', () => {
    const details = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`key${n}`, 'x'.repeat(1000)]),
    )
    const from = { status: 'INTERNAL', text: 'no', code: 'BIG', details } as const
    const bytes = encodeStatusDetails(from)
    assert.ok(bytes !== undefined && bytes.length <= limits.grpcStatusDetailsBytesMax)
    assert.equal(decodeStatusDetails(bytes).errorInfo?.reason, 'BIG')
  })

  it('of strangers say nothing, whatever their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeStatusDetails(bytes)
      }),
    )
    assert.deepEqual(decodeStatusDetails(new Uint8Array([0xff])), {})
  })

  it('have texts without halves of characters', () => {
    assert.equal(statusText('a\ud800b'), 'a\ufffdb')
    assert.equal(statusText('x'.repeat(5000)).length, limits.grpcStatusTextMax + 1)
  })
})
