import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { limits } from '../../limits.ts'
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
